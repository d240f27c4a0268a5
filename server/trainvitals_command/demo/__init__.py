"""The demo: small real networks, healthy and sick, that train in seconds and show what the pages can tell."""
