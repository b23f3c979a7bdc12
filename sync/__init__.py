"""The only code that touches the network: fetching records and trust, links, and the services that answer."""
