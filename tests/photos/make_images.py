"""Photos, and things that pretend to be photos, made in memory.

Tests get this module as the fixture `images`. Run as a program it prints what intake costs:
`python tests/photos/make_images.py` from the root of the repository.
"""

import io
import random
import struct
import sys
import time
import zipfile
import zlib
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw, ImageFilter
from PIL.Image import Transpose

SECRET = b"QIFANG-SECRET"  # put into every kind of metadata; must not come out
RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 200, 20), (20, 20, 220), (220, 220, 20)

# How an upright picture is laid into a file that claims this orientation: the inverse of what a viewer does.
_LAID = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


def encoded(image, file_format="JPEG", **options):
    """The image as a file of any format Pillow writes."""
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def corners(size=(400, 300)):
    """Red top left, green top right, blue bottom left, yellow bottom right."""
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    half_width, half_height = size[0] // 2, size[1] // 2
    for x, y, colour in ((0, 0, RED), (1, 0, GREEN), (0, 1, BLUE), (1, 1, YELLOW)):
        left, top = x * half_width, y * half_height
        draw.rectangle((left, top, left + half_width, top + half_height), fill=colour)
    return image


def photo(size=(4032, 3024), seed=1):
    """Something with the detail of a real photo, so that times and file sizes mean something."""
    tile = Image.frombytes("RGB", (256, 192), random.Random(seed).randbytes(256 * 192 * 3))
    smooth = tile.resize(size, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(size, 24).convert("RGB").filter(ImageFilter.GaussianBlur(0.7))
    return Image.blend(smooth, grain, 0.3)


def colour_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile():
    """An RGB profile whose red is green and whose green is red: shows at once whether it was applied."""
    profile = bytearray(colour_profile())
    count = struct.unpack_from(">I", profile, 128)[0]
    entries = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile)


def exif(orientation=1):
    """EXIF with a maker, a place and an orientation."""
    data = Image.Exif()
    data[0x010F] = SECRET.decode()
    data[0x0112] = orientation
    data[0x8825] = {1: "N", 2: (33.0, 46.0, 1.5), 3: "E", 4: (113.0, 11.0, 2.5)}
    return data


def oriented(orientation, file_format="JPEG"):
    """`corners` as a camera held otherwise stores it: upright only for who reads EXIF."""
    image = corners()
    if orientation in _LAID:
        image = image.transpose(_LAID[orientation])
    return encoded(image, file_format, exif=exif(orientation))


def talkative_jpeg():
    """Comment, EXIF with GPS and a small picture, XMP, ICC profile, Photoshop's resources."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + SECRET + b"</x:xmpmeta>"
    plain = encoded(corners(), comment=SECRET, exif=exif(), xmp=xmp, icc_profile=colour_profile())
    photoshop = b"Photoshop 3.0\0" + b"8BIM" + SECRET
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(photoshop) + 2) + photoshop + plain[2:]


def jpeg_and_zip():
    """A photo that is also an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("run.sh", SECRET)
    return encoded(corners()) + file.getvalue()


def broken_exif():
    """A good photo whose EXIF points outside itself."""
    return encoded(corners(), exif=b"Exif\0\0II*\0" + struct.pack("<IHHHII", 8, 9000, 0x112, 5, 0xFFFF, 0xFFFFFFF0))


def with_app1(jpeg, content):
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def _chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def solid_png(width, height, *, colour_type=2):
    """A real picture of one colour: tiny as a file whatever its size. Colour type 2 is RGB, 6 is RGBA."""
    row = b"\0" + b"\x80" * (width * (3 if colour_type == 2 else 4))
    squeeze = zlib.compressobj(1)
    packed = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    return _png(width, height, packed, colour_type)


def _png(width, height, packed, colour_type=2, before=b""):
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + before + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def lying_png(width=50_000, height=50_000):
    """A header that claims 2,500 megapixels, and hardly anything behind it."""
    return _png(width, height, zlib.compress(b"\0" * 1000))


def text_bomb_png():
    """Comments that unpack to a thousand times their size."""
    comment = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 50_000_000))
    return _png(1, 1, zlib.compress(b"\0\0\0\0"), before=comment * 20)


def many_chunks_png(count):
    return _png(1, 1, zlib.compress(b"\0\0\0\0"), before=_chunk(b"teSt", b"") * count)


def lying_jpeg(width=65_000, height=65_000):
    """A small JPEG whose header claims 4,225 megapixels."""
    data = bytearray(encoded(Image.new("RGB", (16, 16))))
    frame = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, height, width)
    return bytes(data)


def lying_webp(width=16_383, height=16_383):
    """An extended WebP header with a large canvas around a small picture."""
    small = encoded(Image.new("RGB", (16, 16)), "WEBP")[12:]
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + small
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_scans(count, size=(4000, 4000)):
    """A progressive JPEG that walks over its pixels again and again."""
    data = encoded(Image.new("RGB", size, "white"), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def many_segments_jpeg(total):
    """Comments of no length, `total` bytes of them, before a small photo."""
    plain = encoded(corners((16, 16)))
    return plain[:2] + b"\xff\xfe\x00\x02" * (total // 4) + plain[2:]


def padded_jpeg(total):
    plain = encoded(corners((16, 16)))
    return plain[:2] + b"\xff" * total + plain[2:]


def iphone_header(brand=b"heic"):
    """Only the first box of an iPhone photo: enough to know it by."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0mif1" + brand + b"\0" * 64


def modes():
    """One file for each way of storing pixels, each showing `corners`; name → file."""
    picture = corners()
    veil = Image.new("L", picture.size, 255)
    veil.paste(0, (200, 0, 400, 150))  # the green corner is transparent: it must come out white
    seen = picture.copy()
    seen.putalpha(veil)
    grey = picture.convert("L")
    grey_seen = Image.merge("LA", (grey, veil))
    palette = picture.quantize(16)
    # `quantize` of RGBA keeps alpha in the palette.
    palette_seen = seen.quantize(16, method=Image.Quantize.FASTOCTREE)
    deep = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    return {
        "jpeg rgb": encoded(picture),
        "jpeg grey": encoded(grey),
        "jpeg cmyk": encoded(picture.convert("CMYK")),
        "jpeg progressive": encoded(picture, progressive=True),
        "png rgb": encoded(picture, "PNG"),
        "png grey": encoded(grey, "PNG"),
        "png black and white": encoded(grey.convert("1"), "PNG"),
        "png 16 bit": encoded(deep, "PNG"),
        "png palette": encoded(palette, "PNG"),
        "png palette and alpha": encoded(palette_seen, "PNG"),
        "png grey and alpha": encoded(grey_seen, "PNG"),
        "png rgb and alpha": encoded(seen, "PNG"),
        "png animated": encoded(picture, "PNG", save_all=True, append_images=[Image.new("RGB", picture.size)]),
        "webp": encoded(picture, "WEBP"),
        "webp lossless and alpha": encoded(seen, "WEBP", lossless=True),
        "webp animated": encoded(picture, "WEBP", save_all=True, append_images=[Image.new("RGB", picture.size)]),
        "jpeg with a second picture": encoded(picture, "MPO", save_all=True, append_images=[picture]),
    }


def other_formats():
    """Files that Pillow would open under any name, and files that it would not; name → file."""
    picture = corners()
    others = {name: encoded(picture, name) for name in ("TIFF", "GIF", "BMP", "PPM", "SGI", "TGA", "DDS", "ICO", "PDF")}
    others["PSD"] = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 300, 400, 8, 3) + b"\0" * 400
    others["text"] = "这不是照片\n".encode() * 100
    others["SVG"] = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    others["AVIF"] = iphone_header(b"avif")
    others["one byte"] = b"\xff"
    return others


def segments(jpeg):
    """The markers of a JPEG file in order, up to its first scan, each with its content; (marker, content)."""
    assert jpeg.startswith(b"\xff\xd8")
    found, at = [], 2
    while True:
        assert jpeg[at] == 0xFF
        marker, length = jpeg[at + 1], struct.unpack_from(">H", jpeg, at + 2)[0]
        found.append((marker, jpeg[at + 4 : at + 2 + length]))
        if marker == 0xDA:
            return found
        at += 2 + length


def _measure():
    """Print CPU milliseconds of one intake of a 12-megapixel photo; median of nine."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from app.photos.intake import take_in

    large = photo()
    files = {
        "JPEG": encoded(large, quality=80),
        "JPEG with a profile": encoded(large, quality=80, icc_profile=swapped_profile()),
        "JPEG progressive": encoded(large, quality=80, progressive=True),
        "PNG": encoded(large, "PNG", compress_level=1),
        "WebP": encoded(large, "WEBP"),
    }
    for name, file in files.items():
        costs = []
        for _ in range(9):
            start = time.process_time()
            picture = take_in(file, max_bytes=100_000_000)
            costs.append((time.process_time() - start) * 1000)
        sizes = f"{len(file) / 1e6:.1f} MB to {len(picture.main) / 1e6:.2f} + {len(picture.thumb) / 1e6:.3f} MB"
        sys.stdout.write(f"{name}: {sorted(costs)[4]:.0f} ms of CPU, {sizes}\n")


if __name__ == "__main__":
    _measure()
