"""What a visitor may change, and the only functions by which a page changes anything."""
