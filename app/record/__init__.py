"""FHIR R4 and STU3 read into entries a person can follow. Pure: no store, no network, no screen."""
