"""Sessions: the signed cookie that a browser gets for a key."""

import hashlib
import hmac
import secrets
from http.cookies import SimpleCookie

from itsdangerous import BadSignature, TimestampSigner

COOKIE = "trainvitals_session"
SESSION_SECONDS = 30 * 24 * 3600
"""A login lasts thirty days."""


class Sessions:
    """Signs and reads session cookies.

    The secret follows from the configured key, so that several servers and a restarted one read each other's cookies,
    and a changed key ends every session. Without a configured key it is random, and sessions end with the process.
    """

    def __init__(self, configured_key: str | None, path: str, *, secure: bool) -> None:
        secret = secrets.token_bytes(32)
        if configured_key is not None:
            secret = hmac.digest(configured_key.encode(), b"trainvitals session", hashlib.sha256)
        self._signer = TimestampSigner(secret, salt=COOKIE, digest_method=hashlib.sha256)
        self._path = path or "/"
        self._secure = secure

    def cookie(self, key_id: str) -> str:
        """The `Set-Cookie` header of a new session that began with this key."""
        jar: SimpleCookie = SimpleCookie()
        jar[COOKIE] = self._signer.sign(key_id).decode()
        entry = jar[COOKIE]
        entry["path"] = self._path
        entry["max-age"] = SESSION_SECONDS
        entry["httponly"] = True
        entry["samesite"] = "Lax"
        entry["secure"] = self._secure
        return entry.OutputString()

    def key_id(self, cookie: str | None) -> str | None:
        """The key that a session began with; None where the cookie is not ours or has run out."""
        if cookie is None:
            return None
        try:
            return self._signer.unsign(cookie, max_age=SESSION_SECONDS).decode()
        except BadSignature:
            return None
