"""Write time and firm under a photo, for export only: what is stored stays unstamped."""

import functools
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

JPEG_QUALITY = 88
SMALLEST_WIDTH = 320  # pixels: a narrower photo gets white sides, so that its stamp can be read
MOST_ROWS = 8
INK, STRIP = (255, 255, 255), (32, 32, 32)

# Where Debian's packages put Chinese typefaces, with the number of the simplified one inside the file.
CHINESE_FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),  # fonts-noto-cjk
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),  # fonts-wqy-microhei
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),  # fonts-wqy-zenhei
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),  # fonts-droid-fallback
    ("/usr/share/fonts/truetype/arphic/uming.ttc", 0),  # fonts-arphic-uming
)


def stamp(jpeg_bytes: bytes, lines: list[str], font_path: str | None = None) -> bytes:
    """Return the JPEG with `lines` on a dark strip added below it, so that nothing of the photo is covered.

    Long lines wrap; after MOST_ROWS rows the rest is left out. Without a Chinese typeface (see CHINESE_FONTS,
    or name one in `font_path`) every character beyond ASCII is drawn as "?". Raises OSError when `jpeg_bytes`
    is not a JPEG or `font_path` cannot be read; give it photos that went through intake.
    """
    with Image.open(BytesIO(jpeg_bytes), formats=["JPEG"]) as opened:
        photo = opened.convert("RGB")
    width = max(photo.width, SMALLEST_WIDTH)
    size = max(14, width // 40)
    font, speaks_chinese = _font(font_path, size)
    rows = [row for line in lines for row in _wrap(_plain(line, speaks_chinese), font, width - size)][:MOST_ROWS]
    row_height, margin = round(size * 1.4), size // 2
    strip_height = row_height * len(rows) + 2 * margin if rows else 0

    stamped = Image.new("RGB", (width, photo.height + strip_height), "white")
    stamped.paste(photo, ((width - photo.width) // 2, 0))
    draw = ImageDraw.Draw(stamped)
    if rows:
        draw.rectangle((0, photo.height, width, stamped.height), fill=STRIP)
    for number, row in enumerate(rows):
        draw.text((margin, photo.height + margin + number * row_height), row, font=font, fill=INK)
    file = BytesIO()
    stamped.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


@functools.lru_cache(maxsize=8)
def _font(font_path: str | None, size: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, bool]:
    """A typeface of `size` pixels, and whether it has Chinese characters."""
    if font_path:
        return ImageFont.truetype(font_path, size), True
    for path, index in CHINESE_FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size, index=index), True
    return ImageFont.load_default(size), False


def _plain(line: str, speaks_chinese: bool) -> str:
    """One line without breaks and control characters, in characters that the typeface has."""
    line = "".join(character if character.isprintable() else " " for character in line)
    return line if speaks_chinese else line.encode("ascii", "replace").decode()


def _wrap(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    """Cut a line into rows of at most `width` pixels, anywhere, as Chinese is set."""
    rows = [""]
    for character in line:
        if rows[-1] and font.getlength(rows[-1] + character) > width:
            if len(rows) == MOST_ROWS:
                break
            rows.append("")
        rows[-1] += character
    return rows
