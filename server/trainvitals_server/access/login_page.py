"""The page that asks for the API key: plain HTML without script or outside request."""

from html import escape

_STYLE = """
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2128; --quiet: #57606a; --line: #d0d7de;
  --accent: #0072b2; --wrong: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #161b22; --text: #e6edf3; --quiet: #9da7b1;
  --line: #30363d; --accent: #56b4e9; --wrong: #ff8a80; } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--page);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif }
form { width: 100%; max-width: 380px; padding: 28px; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px }
h1 { margin: 0 0 4px; font-size: 20px }
p { margin: 0 0 18px; color: var(--quiet) }
p.wrong { color: var(--wrong); font-weight: 600 }
label { display: block; margin-bottom: 6px; font-weight: 600 }
input { width: 100%; padding: 10px; font: inherit; color: inherit; background: var(--page);
  border: 1px solid var(--line); border-radius: 6px }
input:focus-visible, button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
button { width: 100%; margin-top: 16px; padding: 10px; font: inherit; font-weight: 600; color: var(--card);
  background: var(--accent); border: 0; border-radius: 6px; cursor: pointer }
"""


def login_page(action: str, *, wrong: bool = False) -> str:
    """The page; `action` is where the form goes, `wrong` says that the last key did not fit."""
    said = (
        '<p class="wrong" role="alert">This key is not known here. Check it, or ask whoever runs the server.</p>'
        if wrong
        else "<p>This server asks for its API key once; the browser then remembers it for thirty days.</p>"
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>trainvitals: log in</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head>
<body><form method="post" action="{escape(action)}"><h1>trainvitals</h1>{said}
<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button type="submit">Log in</button></form></body></html>
"""
