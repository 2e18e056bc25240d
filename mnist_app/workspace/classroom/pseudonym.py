"""The pseudonym of a person: what others may know of the secret token that a browser keeps."""

import hashlib


def writer_of(owner: str) -> str:
    """Return the pseudonym of the owner of a token.

    Args:
        owner: the token.

    Returns:
        16 hexadecimal digits: always the same for the same token, which cannot be told from them.
    """
    return hashlib.sha256(owner.encode()).hexdigest()[:16]
