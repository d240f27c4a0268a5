"""One file a family of routes; each gives a `router` and is found by its folder."""
