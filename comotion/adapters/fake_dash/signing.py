"""RS256 signatures (RFC 7515, RFC 8017) in plain Python, with one throw-away key that is public on purpose.

A fake's tokens look like the service's, so that whoever checks them can; they open nothing but a fake.
"""

import hashlib
import json
from collections.abc import Mapping

from comotion.domain.token import base64url

KEY_ID = "fake-dash"
EXPONENT = 65537
_P = int(
    "cb95460cdcf08af53b16770cb7268e4aae9ff23fec87fdab6393b0a8449ae37cfbfd7b60d1278469e536b8accd78571b"
    "1f2127b7660473ce2d526e9c89a180c6c9da1da98c3557ecf81161eed52d83c8f93eb0173f50f619f24c3dab0636349c"
    "db219c994b5b47cff66250454a345b8e962be6445242cab8ba2f2b6a9c028589",
    16,
)
_Q = int(
    "b8e07bb88cebb5ab876cf5ae02e9ca1dfd49a7b5014b845e23f0c103ec32615c5c85b9946ea96d72c17d74ea3c52e72c"
    "0dec2815f7eb19799e4a32e163363225d35613c8de4c21a26c2cbe54d73d53694665d4be55d1dc4cf8a1540d22d90be0"
    "2fbd73f137cea37ab87fdf92e34adfe0553b06c9c047ea9dc9c594da71e6e13b",
    16,
)
MODULUS = _P * _Q
_PRIVATE = pow(EXPONENT, -1, (_P - 1) * (_Q - 1))
_P_PRIVATE, _Q_PRIVATE, _Q_INVERSE = _PRIVATE % (_P - 1), _PRIVATE % (_Q - 1), pow(_Q, -1, _P)
_SIZE_BYTES = 256
_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
_HEADER = base64url(b'{"alg":"RS256","typ":"JWT","kid":"' + KEY_ID.encode() + b'"}')


def _signature(message: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256, by the Chinese remainder theorem."""
    digest = _SHA256_PREFIX + hashlib.sha256(message).digest()
    padded = b"\x00\x01" + b"\xff" * (_SIZE_BYTES - len(digest) - 3) + b"\x00" + digest
    number = int.from_bytes(padded, "big")
    in_p, in_q = pow(number, _P_PRIVATE, _P), pow(number, _Q_PRIVATE, _Q)
    signed = in_q + (in_p - in_q) * _Q_INVERSE % _P * _Q
    return signed.to_bytes(_SIZE_BYTES, "big")


def signed_jwt(claims: Mapping[str, object]) -> str:
    """The claims as a signed JWT."""
    message = f"{_HEADER}.{base64url(json.dumps(claims, separators=(',', ':')).encode())}"
    return f"{message}.{base64url(_signature(message.encode()))}"


def key_set() -> dict[str, object]:
    """The public key as a JWK set (RFC 7517)."""
    modulus = base64url(MODULUS.to_bytes(_SIZE_BYTES, "big"))
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": modulus, "e": "AQAB"}
    return {"keys": [key]}
