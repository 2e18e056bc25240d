"""The pseudonym of a person, derived from the secret token that a browser keeps."""

import hashlib


def writer_of(owner: str) -> str:
    """Return the pseudonym of the owner of a token.

    Args:
        owner: The token.

    Returns:
        16 hexadecimal digits, the same for the same token. The token cannot be derived from them.
    """
    return hashlib.sha256(owner.encode()).hexdigest()[:16]
