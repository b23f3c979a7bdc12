"""Drawing and scanning codes. The only place that knows the QR libraries."""
