"""Turn whatever was uploaded into one clean JPEG and its thumbnail, or say why not.

Nothing of the upload is kept except what is seen: the file is decoded for real and drawn anew, so EXIF, GPS,
comments, XMP, colour profiles and anything appended (a ZIP, a video) cannot survive. The place and the time of
a photo come from the browser at the shutter, never from the file.

Pure: Pillow and the standard library, no Flask, no files. Words for the reasons are the caller's.

Cost of a photo of 4032 × 3024 pixels in CPU, median of nine: JPEG of 2.1 MB 70 ms (135 ms without `draft`), with a
colour profile as iPhones write it 102 ms, progressive 155 ms, WebP 320 ms, PNG of 21 MB 510 ms. Measured on two
cores with `python tests/photos/make_images.py`, which prints these figures.
"""

import hashlib
import re
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageCms
from PIL.Image import Transpose
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

JPEG_QUALITY = 82

# Bytes of memory. Two photos are decoded at a time, of which at most one may be heavier than LIGHT: together
# they stay below LIGHT + HEAVIEST, however they were made.
LIGHT = 100_000_000
HEAVIEST = 360_000_000
# Bytes held per pixel of the file while decoding, at worst. A JPEG in one pass needs next to nothing, since it
# is scaled down as it is read; a progressive one is held whole, two bytes per pixel and colour.
BYTES_PER_PIXEL = {"JPEG": 6, "PNG": 6, "WEBP": 17, "HEIC": 9}

# A progressive JPEG has about ten scans. One of a few megabytes can hold a hundred thousand, each a walk over
# all its pixels: minutes of CPU.
MOST_SCANS = 100

_SLOTS = threading.BoundedSemaphore(2)
_HEAVY = threading.Lock()

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_EXIF_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


class Reason(StrEnum):
    """Why an upload is not taken."""

    EMPTY = "empty"
    TOO_LARGE_BYTES = "too_large_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_PHOTO = "not_a_photo"  # neither JPEG, PNG, WebP nor HEIC by its first bytes, whatever its name says
    TRUNCATED = "truncated"  # begins like a photo but cannot be decoded to the end: cut short or damaged
    HEIC_UNSUPPORTED = "heic_unsupported"  # an iPhone photo, and pi-heif is not installed


class PhotoRefused(Exception):
    """The upload is not taken; `reason` says why."""

    def __init__(self, reason: Reason):
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """A clean photo. `main` and `thumb` are JPEG files in sRGB; `width` and `height` are pixels of `main`."""

    main: bytes = field(repr=False)
    thumb: bytes = field(repr=False)
    width: int
    height: int
    sha256: str  # of `main`, hex: the name it is stored under
    original_sha256: str  # of the upload, hex: what the phone's receipt is compared with


def take_in(
    data: bytes | IO[bytes],
    *,
    max_bytes: int,
    max_pixels: int = 60_000_000,
    edge: int = 1600,
    thumb_edge: int = 320,
) -> Picture:
    """Decode an upload, turn it upright, shrink it to `edge` pixels at most, and drop everything else.

    Animations give their first frame; transparency becomes white. Waits while two other photos are being
    decoded. Raises PhotoRefused, and nothing else, for whatever the bytes are. Reading a stream takes no more
    than `max_bytes` + 1 of it.
    """
    raw = data if isinstance(data, bytes) else data.read(max_bytes + 1)
    if not raw:
        raise PhotoRefused(Reason.EMPTY)
    if len(raw) > max_bytes:
        raise PhotoRefused(Reason.TOO_LARGE_BYTES)
    kind = _kind(raw)
    try:
        with _SLOTS:
            main = _decode(raw, kind, max_pixels, edge)
            thumb = main.resize(_fitting(main.size, thumb_edge), Image.Resampling.BICUBIC, reducing_gap=1.0)
            main_file, thumb_file = _jpeg(main), _jpeg(thumb)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise PhotoRefused(Reason.TOO_MANY_PIXELS) from error
    except Exception as error:
        # Pillow answers damaged files with OSError, SyntaxError, ValueError, struct.error, EOFError,
        # ZeroDivisionError … and each release with another one: there is no list to catch.
        raise PhotoRefused(Reason.TRUNCATED) from error
    return Picture(
        main=main_file,
        thumb=thumb_file,
        width=main.width,
        height=main.height,
        sha256=hashlib.sha256(main_file).hexdigest(),
        original_sha256=hashlib.sha256(raw).hexdigest(),
    )


def _kind(raw: bytes) -> str:
    """What the file is by its first bytes; its name and declared type are never asked."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw[4:8] == b"ftyp":
        box = raw[8 : min(int.from_bytes(raw[:4]), 128)]
        if _HEIC_BRANDS & {box[at : at + 4] for at in range(0, len(box), 4)}:
            return "HEIC"
    raise PhotoRefused(Reason.NOT_A_PHOTO)


def _decode(raw: bytes, kind: str, max_pixels: int, edge: int) -> Image.Image:
    """The upright picture in sRGB, at most `edge` pixels wide and high."""
    image, weight = _open(raw, kind, max_pixels)
    with _HEAVY if weight > LIGHT else nullcontext():
        if kind == "HEIC":
            image = image.to_pillow()
            target = _fitting(image.size, edge)
            orientation = 1  # its decoder has already turned it; what EXIF says besides is to be ignored
        else:
            target = _fitting(image.size, edge)
            image.draft(None, target)  # a JPEG is read at the nearest scale above; others stay as they are
            image.load()
            orientation = _orientation(image)
        profile = image.info.get("icc_profile")
        small = _shrink(image, target)
    small = _to_srgb(small, profile)
    return small.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else small


def _open(raw: bytes, kind: str, max_pixels: int) -> tuple[Any, int]:
    """The photo with only its header read, and the bytes of memory that decoding it will hold.

    Pillow's plugins are called directly and not through Image.open: that tries every format it knows, and guards
    against bombs by a warning and a global number. The guard here is `_weigh`.
    """
    cost = BYTES_PER_PIXEL[kind]
    if kind == "WEBP":  # its decoder takes memory for the whole picture as soon as it is made
        weight = _weigh(_webp_size(raw), max_pixels, cost)
        return WebPImageFile(BytesIO(raw)), weight
    image: Any
    if kind == "JPEG":
        if _jpeg_scans(raw) > MOST_SCANS:
            raise PhotoRefused(Reason.NOT_A_PHOTO)
        image = JpegImageFile(BytesIO(raw))
        cost = max(cost, 2 * len(image.getbands()))
    elif kind == "PNG":
        image = PngImageFile(BytesIO(raw))
    else:
        image = _open_heic(raw)
    return image, _weigh(image.size, max_pixels, cost)


def _weigh(size: tuple[int, int], max_pixels: int, bytes_per_pixel: int) -> int:
    """Bytes of memory that decoding will hold; raises PhotoRefused when it is more than we grant."""
    pixels = size[0] * size[1]
    if pixels > max_pixels or pixels * bytes_per_pixel > HEAVIEST:
        raise PhotoRefused(Reason.TOO_MANY_PIXELS)
    return pixels * bytes_per_pixel


def _jpeg_scans(raw: bytes) -> int:
    """Count the scans of the first picture in a JPEG file, stepping over EXIF with its own small picture."""
    scans, at = 0, 2
    while found := _JPEG_MARKER.search(raw, at):
        marker = found[1][0]
        if marker == 0xD9:  # end of the picture
            break
        scans += marker == 0xDA
        at = found.end() if marker == 0xD8 else found.end() + int.from_bytes(raw[found.end() : found.end() + 2])
    return scans


# Any marker but the restarts and the stuffed zero, which stand between the pixels of a scan.
_JPEG_MARKER = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")


def _webp_size(raw: bytes) -> tuple[int, int]:
    """Width and height as its header says; raises ValueError for a header that is none."""
    chunk = raw[12:16]
    if chunk == b"VP8X" and len(raw) >= 30:
        return int.from_bytes(raw[24:27], "little") + 1, int.from_bytes(raw[27:30], "little") + 1
    if chunk == b"VP8L" and len(raw) >= 25:
        bits = int.from_bytes(raw[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and len(raw) >= 30:
        return int.from_bytes(raw[26:28], "little") & 0x3FFF, int.from_bytes(raw[28:30], "little") & 0x3FFF
    raise ValueError("not a WebP header")


def _open_heic(raw: bytes) -> Any:
    """Read the header of an iPhone photo with pi-heif, an optional extra."""
    try:
        import pi_heif
    except ImportError as error:
        raise PhotoRefused(Reason.HEIC_UNSUPPORTED) from error
    return pi_heif.open_heif(BytesIO(raw), convert_hdr_to_8bit=True)


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8. A photo is not refused because its EXIF is broken: then it is 1, as it lies."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:
        return 1


def _fitting(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size scaled to `edge` pixels at most on its longer side: never larger than it was, never zero."""
    longer = max(size)
    if longer <= edge:
        return size
    return max(1, round(size[0] * edge / longer)), max(1, round(size[1] * edge / longer))


def _shrink(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """Scale to the size `target`, in mode L, RGB or CMYK.

    A picture of twice the size or more is first averaged down by a whole number, band by band, so that its
    change of mode never needs a second picture of full size.
    """
    factor = max(image.size) // max(target)
    if factor < 2:
        flat = _flatten(image)
        # Phones send pictures of the right size: Pillow would copy them, as it does where the mode is right already.
        return flat if flat.size == target else flat.resize(target, Image.Resampling.BICUBIC)
    width, height = image.size
    mode = _flatten(image.crop((0, 0, 1, 1))).mode
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, 2_000_000 // (width * factor))
    for top in range(0, height, rows):
        band = _flatten(image.crop((0, top, width, min(top + rows, height))))
        small.paste(band.reduce(factor), (0, top // factor))
    return small.resize(target, Image.Resampling.BICUBIC)


def _flatten(image: Image.Image) -> Image.Image:
    """Bring any mode to L, RGB or CMYK; what is transparent becomes white."""
    if image.mode == "I;16":  # 16-bit grey, which `convert` would cut off at 255
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by the photo's own colour profile; a profile that is broken or does not fit is left aside."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            return converted or _rgb(image)  # it answers None only when asked to work in place
        except Exception:
            return _rgb(image)
    return _rgb(image)


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    """Encode without metadata: Pillow writes a comment it finds in `info` into the new file."""
    image.info = {}
    file = BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()
