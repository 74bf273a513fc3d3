"""Pictures as phones send them."""

import io

from PIL import Image


def photo(nth: int) -> bytes:
    """A picture of 1,600 × 1,200 pixels, as a phone sends it after shrinking; each number gives another."""
    held = io.BytesIO()
    noise = Image.effect_noise((400, 300), 40 + nth).resize((1600, 1200))
    noise.convert("RGB").save(held, "JPEG", quality=80)
    return held.getvalue()
