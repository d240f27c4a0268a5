"""The pages: a Dash app, its charts and its live script."""
