"""What comes out of intake is a clean upright JPEG, whatever went in; and the stamp drawn on it for export."""

import hashlib
import io
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.photos import intake
from app.photos.intake import PhotoRefused, Picture, Reason, take_in
from app.photos.stamp import stamp

MAX_BYTES = 20_000_000

# JFIF's header, quantisation, Huffman tables, frame, scan: what pixels need and nothing that talks.
PLAIN_SEGMENTS = {0xE0, 0xDB, 0xC4, 0xC0, 0xDA}

MODE_NAMES = [
    "jpeg rgb",
    "jpeg grey",
    "jpeg cmyk",
    "jpeg progressive",
    "png rgb",
    "png grey",
    "png black and white",
    "png 16 bit",
    "png palette",
    "png palette and alpha",
    "png grey and alpha",
    "png rgb and alpha",
    "png animated",
    "webp",
    "webp lossless and alpha",
    "webp animated",
    "jpeg with a second picture",
]


def taken(data, **options):
    return take_in(data, max_bytes=MAX_BYTES, **options)


def opened(jpeg):
    image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
    image.load()
    return image


def refusal(data, **options):
    with pytest.raises(PhotoRefused) as caught:
        taken(data, **options)
    return caught.value.reason


def near(pixel, colour, tolerance=24):
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


def corner_colours(jpeg):
    """Top left, top right, bottom left, bottom right."""
    image = opened(jpeg)
    width, height = image.size
    return [
        image.getpixel((round(width * x), round(height * y)))
        for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9))
    ]


def assert_clean(picture, images):
    """Nothing in either file but pixels."""
    for jpeg in (picture.main, picture.thumb):
        found = images.segments(jpeg)
        assert {marker for marker, _ in found} <= PLAIN_SEGMENTS
        assert all(content.startswith(b"JFIF\0") for marker, content in found if marker == 0xE0)
        assert jpeg.count(b"\xff\xd9") == 1
        assert jpeg.endswith(b"\xff\xd9")
        for word in (images.SECRET, b"Exif", b"xmp", b"ICC_PROFILE", b"Photoshop", b"PK\x03\x04"):
            assert word not in jpeg
        assert set(opened(jpeg).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert opened(jpeg).mode == "RGB"


def test_a_photo_is_shrunk_and_named_by_its_content(images):
    original = images.encoded(images.corners((2400, 1800)))
    picture = taken(original)
    assert (picture.width, picture.height) == opened(picture.main).size == (1600, 1200)
    assert opened(picture.thumb).size == (320, 240)
    assert picture.sha256 == hashlib.sha256(picture.main).hexdigest()
    assert picture.original_sha256 == hashlib.sha256(original).hexdigest()
    assert taken(original) == picture
    assert len(repr(picture)) < 300


def test_a_stream_is_taken_like_bytes_and_never_read_to_its_end(images):
    data = images.encoded(images.corners())
    assert taken(io.BytesIO(data)) == taken(data)
    stream = io.BytesIO(b"\xff" * 1000)
    with pytest.raises(PhotoRefused) as caught:
        take_in(stream, max_bytes=100)
    assert caught.value.reason is Reason.TOO_LARGE_BYTES
    assert stream.tell() == 101


@pytest.mark.parametrize(
    ("size", "main", "thumb"),
    [
        ((1, 1), (1, 1), (1, 1)),
        ((1600, 1600), (1600, 1600), (320, 320)),
        ((1601, 3), (1600, 3), (320, 1)),
        ((1, 20_000), (1, 1600), (1, 320)),
        ((20_000, 1), (1600, 1), (320, 1)),
        ((7000, 50), (1600, 11), (320, 2)),
        ((3300, 4400), (1200, 1600), (240, 320)),
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_no_side_is_longer_than_asked_or_vanishes(images, size, main, thumb, file_format):
    picture = taken(images.encoded(Image.new("RGB", size, images.RED), file_format))
    assert (picture.width, picture.height) == opened(picture.main).size == main
    assert opened(picture.thumb).size == thumb
    assert near(opened(picture.main).getpixel((0, main[1] - 1)), images.RED)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_comes_out_upright(images, orientation, file_format):
    picture = taken(images.oriented(orientation, file_format))
    assert (picture.width, picture.height) == (400, 300)
    for jpeg in (picture.main, picture.thumb):
        for pixel, colour in zip(
            corner_colours(jpeg), (images.RED, images.GREEN, images.BLUE, images.YELLOW), strict=True
        ):
            assert near(pixel, colour)
    assert_clean(picture, images)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_means_nothing_is_left_alone(images, value):
    picture = taken(images.oriented(value))
    assert near(corner_colours(picture.main)[0], images.RED)


def test_the_list_of_modes_is_whole(images):
    assert sorted(images.modes()) == sorted(MODE_NAMES)


@pytest.mark.parametrize("name", MODE_NAMES)
def test_every_way_of_storing_pixels_shows_the_same_picture(images, name):
    picture = taken(images.modes()[name])
    assert (picture.width, picture.height) == (400, 300)
    assert_clean(picture, images)
    colours = [images.RED, images.GREEN, images.BLUE, images.YELLOW]
    if "black and white" in name:  # dithered: only that it is dark where blue and light where yellow
        thumb = opened(picture.main).resize((2, 2), Image.Resampling.BOX)
        assert thumb.getpixel((0, 1))[0] < 60
        assert thumb.getpixel((1, 1))[0] > 160
        return
    if "grey" in name or "16 bit" in name:
        colours = [Image.new("RGB", (1, 1), colour).convert("L").convert("RGB").getpixel((0, 0)) for colour in colours]
    if "alpha" in name:
        colours[1] = (255, 255, 255)
    tolerance = 40 if "cmyk" in name else 24
    for pixel, colour in zip(corner_colours(picture.main), colours, strict=True):
        assert near(pixel, colour, tolerance), (name, pixel, colour)


@pytest.mark.parametrize("name", ["png rgb", "png palette and alpha", "png grey and alpha", "png 16 bit"])
def test_a_large_picture_shrunk_in_bands_has_no_seams(images, name):
    small = Image.open(io.BytesIO(images.modes()[name]))
    large = small.resize((4003, 3001), Image.Resampling.NEAREST)
    picture = taken(images.encoded(large, "PNG"), edge=500)
    whole = intake._flatten(large).convert("RGB").resize((500, 375), Image.Resampling.BOX)
    assert (picture.width, picture.height) == (500, 375)
    result = opened(picture.main)
    for x in (50, 450):  # away from the borders between the corners
        for y in [*range(150), *range(225, 375)]:
            assert near(result.getpixel((x, y)), whole.getpixel((x, y)), 10), (x, y)


def test_everything_that_talks_is_gone(images):
    data = images.talkative_jpeg()
    markers = {marker for marker, _ in images.segments(data)}
    assert {0xE1, 0xE2, 0xED, 0xFE} <= markers  # EXIF and XMP, ICC, Photoshop, comment
    assert data.count(images.SECRET) >= 4
    assert_clean(taken(data), images)


def test_an_appended_archive_is_gone(images):
    assert_clean(taken(images.jpeg_and_zip()), images)


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_other_formats_lose_their_metadata_too(images, file_format):
    xmp = b"<x:xmpmeta>" + images.SECRET + b"</x:xmpmeta>"
    data = images.encoded(
        images.corners(), file_format, exif=images.exif(), xmp=xmp, icc_profile=images.colour_profile()
    )
    assert images.SECRET in data
    assert_clean(taken(data), images)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_is_applied_before_it_is_dropped(images, file_format):
    profile = images.swapped_profile()
    picture = taken(images.encoded(images.corners(), file_format, icc_profile=profile))
    top_left, top_right, *_ = corner_colours(picture.main)
    assert top_left[1] > top_left[0] + 100  # red became green
    assert top_right[0] > top_right[1] + 100
    assert_clean(picture, images)


@pytest.mark.parametrize("profile", [b"", b"nonsense" * 50, b"\0" * 128])
def test_a_broken_colour_profile_does_not_matter(images, profile):
    picture = taken(images.encoded(images.corners(), icc_profile=profile))
    assert near(corner_colours(picture.main)[0], images.RED)


def test_a_profile_for_other_colours_does_not_matter(images):
    grey = images.corners().convert("L")
    picture = taken(images.encoded(grey, icc_profile=images.colour_profile()))
    assert near(corner_colours(picture.main)[0], (grey.getpixel((1, 1)),) * 3)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_exif_does_not_cost_the_photo(images):
    for data in (
        images.broken_exif(),
        images.with_app1(images.encoded(images.corners()), b"Exif\0\0"),
        images.with_app1(images.encoded(images.corners()), b"Exif\0\0MM\0*\xff\xff\xff\xff"),
    ):
        assert near(corner_colours(taken(data).main)[0], images.RED)


def test_empty_and_too_long(images):
    assert refusal(b"") is Reason.EMPTY
    assert refusal(io.BytesIO()) is Reason.EMPTY
    data = images.encoded(images.corners())
    assert take_in(data, max_bytes=len(data))
    with pytest.raises(PhotoRefused, match="too_large_bytes"):
        take_in(data, max_bytes=len(data) - 1)


def test_other_formats_are_refused_whatever_their_name(images):
    for name, data in images.other_formats().items():
        assert refusal(data) is Reason.NOT_A_PHOTO, name


def test_pixels_are_counted_before_they_are_decoded(images):
    start = time.process_time()
    for data in (
        images.lying_png(),
        images.lying_jpeg(),
        images.lying_webp(),
        images.lying_webp(12_000, 14_000),  # between the size at which Pillow warns and the one it refuses
        images.lying_png(10_000, 12_000),
    ):
        assert refusal(data) is Reason.TOO_MANY_PIXELS
    small = images.encoded(images.corners())
    assert refusal(small, max_pixels=400 * 300 - 1) is Reason.TOO_MANY_PIXELS
    assert taken(small, max_pixels=400 * 300)
    assert time.process_time() - start < 2


def test_a_real_picture_of_400_megapixels_is_refused_at_once(images):
    data = images.solid_png(20_000, 20_000)
    start = time.process_time()
    assert refusal(data) is Reason.TOO_MANY_PIXELS
    assert time.process_time() - start < 0.5


def test_pillows_own_limit_is_untouched(images):
    before = Image.MAX_IMAGE_PIXELS
    taken(images.encoded(images.corners()))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("name", ["text_bomb_png", "many_scans"])
def test_small_files_that_would_cost_much_are_refused(images, name):
    data = images.text_bomb_png() if name == "text_bomb_png" else images.many_scans(2000)
    start = time.process_time()
    assert isinstance(refusal(data), Reason)
    assert time.process_time() - start < 2


def test_an_ordinary_progressive_photo_has_few_scans(images):
    data = images.encoded(images.corners(), progressive=True, exif=images.exif())
    assert 5 < intake._jpeg_scans(data) < 20
    assert intake._jpeg_scans(images.encoded(images.corners())) == 1
    assert intake._jpeg_scans(images.modes()["jpeg with a second picture"]) == 1
    assert intake._jpeg_scans(b"\xff\xd8\xff") == 0


def test_padding_and_empty_segments_take_their_time_but_end(images):
    start = time.process_time()
    taken(images.many_segments_jpeg(2_000_000))
    taken(images.padded_jpeg(2_000_000))
    refusal(b"\xff\xd8" + b"\xff" * 2_000_000 + b"\0")
    taken(images.many_chunks_png(100_000))
    assert time.process_time() - start < 10


@pytest.mark.parametrize("name", [name for name in MODE_NAMES if name != "png black and white"])
def test_a_file_cut_anywhere_is_whole_or_refused(images, name):
    """Never a photo that is grey below: a cut file is taken only if no pixel is missing."""
    data = images.modes()[name]
    whole = taken(data).main
    for cut in [*range(1, len(data), max(1, len(data) // 80)), *range(len(data) - 30, len(data))]:
        try:
            picture = taken(data[:cut])
        except PhotoRefused as refused:
            assert refused.reason in (Reason.TRUNCATED, Reason.NOT_A_PHOTO)
            assert cut < 16 or refused.reason is Reason.TRUNCATED
        else:
            assert picture.main == whole, cut


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_detailed_photo_cut_anywhere_is_refused(images, options):
    data = images.encoded(images.photo((700, 500)), **options)
    for cut in range(3, len(data), len(data) // 50):
        assert refusal(data[:cut]) is Reason.TRUNCATED


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(deadline=None, max_examples=150, database=None)
@given(data=st.data())
def test_damaged_files_are_taken_or_refused_and_nothing_else(images, data):
    file = bytearray(images.modes()[data.draw(st.sampled_from(MODE_NAMES))])
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(file) - 1), st.integers(0, 255)), min_size=1, max_size=12)
    ):
        file[at] = value
    try:
        picture = taken(bytes(file))
    except PhotoRefused as refused:
        assert refused.reason in Reason
    else:
        assert_clean(picture, images)


@settings(deadline=None, max_examples=100, database=None)
@given(
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"]),
    rest=st.binary(max_size=300),
)
def test_noise_is_refused(start, rest):
    assert isinstance(refusal(start + rest), Reason)


def test_running_out_of_memory_is_a_refusal(images, monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(intake, "_shrink", fail)
    assert refusal(images.encoded(images.corners())) is Reason.TOO_MANY_PIXELS


def test_an_iphone_photo_says_what_it_is_without_the_decoder(images, monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)  # as if it were not installed
    assert refusal(images.iphone_header()) is Reason.HEIC_UNSUPPORTED
    assert refusal(images.iphone_header(b"heix")) is Reason.HEIC_UNSUPPORTED
    assert refusal(images.iphone_header(b"mp42")) is Reason.NOT_A_PHOTO


class FakeHeic:
    """What pi-heif gives: already turned by the container, while EXIF may still ask for it."""

    def __init__(self, image):
        self.image, self.size = image, image.size

    def open_heif(self, _file, *, convert_hdr_to_8bit):
        assert convert_hdr_to_8bit
        return self

    def to_pillow(self):
        return self.image


def test_an_iphone_photo_is_not_turned_twice(images, monkeypatch):
    image = images.corners()
    image.info["exif"] = images.exif(6).tobytes()
    monkeypatch.setitem(sys.modules, "pi_heif", FakeHeic(image))
    picture = taken(images.iphone_header())
    assert (picture.width, picture.height) == (400, 300)
    assert near(corner_colours(picture.main)[0], images.RED)
    assert_clean(picture, images)


def test_an_iphone_photo_is_weighed_before_it_is_decoded(images, monkeypatch):
    heic = FakeHeic(images.corners())
    heic.size, heic.to_pillow = (30_000, 30_000), None
    monkeypatch.setitem(sys.modules, "pi_heif", heic)
    assert refusal(images.iphone_header()) is Reason.TOO_MANY_PIXELS


@pytest.mark.skipif(find_spec("pi_heif") is None, reason="the optional decoder is not installed")
def test_the_real_iphone_decoder_refuses_what_is_cut(images):
    assert refusal(images.iphone_header()) is Reason.TRUNCATED


@pytest.mark.parametrize(("weight", "most"), [(1, 2), (intake.LIGHT + 1, 1)])
def test_two_photos_at_a_time_and_one_large_one(images, monkeypatch, weight, most):
    running, highest, lock = 0, 0, threading.Lock()
    shrink = intake._shrink

    def slow_shrink(*arguments):
        nonlocal running, highest
        with lock:
            running += 1
            highest = max(highest, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return shrink(*arguments)

    monkeypatch.setattr(intake, "_shrink", slow_shrink)
    monkeypatch.setattr(intake, "_weigh", lambda *_: weight)
    data = images.encoded(images.corners())
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(taken, [data] * 8))
    assert highest == most
    assert all(isinstance(picture, Picture) for picture in pictures)


def test_a_refusal_frees_its_turn(images):
    for _ in range(5):
        refusal(images.lying_png())
        refusal(images.encoded(images.corners())[:-50])
    assert taken(images.encoded(images.corners()))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the memory used")
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_heaviest_photo_stays_within_memory(images, tmp_path, kind):
    if kind == "png":
        data = images.solid_png(7700, 7700, colour_type=6)
    elif kind == "jpeg":
        data = images.encoded(images.corners((7700, 7700)), progressive=True, subsampling=0)
    else:
        data = images.encoded(images.corners((4500, 4500)), "WEBP", method=0)
    (tmp_path / "large").write_bytes(data)
    program = (
        "import sys; from app.photos.intake import take_in\n"
        "def peak(): return next(int(line.split()[1]) for line in open('/proc/self/status') if 'VmHWM' in line)\n"
        "before = peak()\n"
        "take_in(open(sys.argv[1], 'rb'), max_bytes=20_000_000)\n"
        "print(peak() - before)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "large")],
        cwd=Path(intake.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(answer.stdout) * 1024 < intake.HEAVIEST + 40_000_000


def test_the_stamp_is_added_below_and_covers_nothing(images):
    main = taken(images.encoded(images.corners((1600, 1200)))).main
    stamped = opened(stamp(main, ["2026-11-23 14:05", "平顶山某某机械有限公司"]))
    assert stamped.width == 1600
    assert 1200 < stamped.height < 1400
    for at, colour in (((10, 10), images.RED), ((1590, 1190), images.YELLOW)):
        assert near(stamped.getpixel(at), colour)
    strip = stamped.crop((0, 1205, 1600, stamped.height)).convert("L")
    darkest, lightest = strip.getextrema()
    assert darkest < 60
    assert lightest > 200
    assert {marker for marker, _ in images.segments(stamp(main, ["x"]))} <= PLAIN_SEGMENTS


def test_the_stamp_takes_any_text_and_any_size(images, monkeypatch):
    tiny = taken(images.encoded(Image.new("RGB", (1, 1)))).main
    assert opened(stamp(tiny, ["公司" * 500, "a\nb\tc\0", "", "🏭"])).width == 320
    assert opened(stamp(tiny, [])).height == 1
    monkeypatch.setattr("app.photos.stamp.CHINESE_FONTS", ())
    from app.photos.stamp import _font

    _font.cache_clear()
    assert opened(stamp(tiny, ["2026-11-23 企业"])).height > 10
    _font.cache_clear()
    with pytest.raises(OSError, match="resource"):
        stamp(tiny, ["x"], font_path="/nowhere.ttf")
    with pytest.raises(OSError, match="identify"):
        stamp(b"not a photo", ["x"])
