"""The pages: each gives the layout of one address."""
