"""Drawn photos for the demo: flat pictures of a firm and its troubles, made with Pillow alone.

``draw_photo`` is deterministic in its generator. Scenes are drawn on a 1600 x 1200 board and scaled to the size asked
for; a soft light, a vignette and a little grain make them look less like icons. No fonts are needed; a caption is drawn
only when Pillow finds one that can show it.
"""

import io
import math
from collections.abc import Callable
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from app.demo.drawings_board import DARK, GLASS, HEIGHT, MACHINES, STEEL, WALLS, WIDTH, Board, Colour, shade

FONTS = ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "wqy-microhei.ttc", "msyh.ttc", "PingFang.ttc")


def factory_gate(board: Board) -> None:
    """The gate of a works, halls behind it."""
    rng = board.rng
    board.sky(700)
    board.hills(700, (150, 168, 164))
    board.ground(690, (176, 174, 168), (138, 138, 136))
    board.shed(rng.randint(40, 180), 720, rng.randint(560, 680), rng.randint(220, 300))
    board.shed(rng.randint(820, 940), 720, rng.randint(520, 640), rng.randint(260, 350))
    board.trees(735, 9)
    board.shape([(560, 760), (1040, 760), (1500, HEIGHT), (100, HEIGHT)], (158, 158, 156))
    for mark in range(5):
        y = 810 + mark * mark * 22
        board.shape(
            [(796, y), (804, y), (808 + mark, y + 30 + mark * 8), (792 - mark, y + 30 + mark * 8)], (232, 230, 220)
        )
    stone = rng.choice(((178, 110, 88), (196, 190, 180), (132, 142, 150)))
    for x in (0, 1160):
        board.box(x, 640, 440, 140, shade(stone, 1.1))
        board.box(x, 626, 440, 20, shade(stone, 0.8))
    for x in (400, 1120):
        board.shadow(x + 40, 800, 160)
        board.solid(x, 500, 90, 296, 30, stone)
        board.box(x - 8, 484, 112, 22, shade(stone, 0.7))
    board.box(430, 392, 780, 96, rng.choice(((168, 52, 46), (46, 86, 132), (58, 98, 82))), 6)
    for letter in range(8):
        board.box(490 + letter * 84, 416, 48, 48, (244, 226, 170), 8)
    board.box(492, 484, 20, 30, DARK)
    board.box(1130, 484, 20, 30, DARK)
    for bar in range(18):
        board.box(500 + bar * 20, 690, 9, 106, shade(STEEL, 1.4), 3)
    board.box(494, 704, 370, 10, STEEL)
    board.box(494, 764, 370, 10, STEEL)
    board.box(1236, 590, 210, 200, shade(stone, 1.3), 4)
    board.box(1220, 574, 242, 20, shade(stone, 0.7))
    board.box(1262, 626, 110, 80, shade(GLASS, 0.9), 4)
    board.person(1010, 850, 190, (62, 88, 120), (36, 48, 70))


def machine(board: Board, x: float, base: float, scale: float) -> None:
    """A machine tool standing on `base`, `scale` 1 being 250 pixels wide."""
    colour = board.rng.choice(MACHINES)
    wide, high = 250 * scale, 210 * scale
    board.shadow(x + wide * 0.6, base, wide * 1.6, 40 * scale, 130)
    board.solid(x, base - high, wide, high, 70 * scale, colour)
    board.box(x + 24 * scale, base - high + 26 * scale, 120 * scale, 82 * scale, (46, 56, 64), 8 * scale)
    board.box(x + 34 * scale, base - high + 36 * scale, 100 * scale, 62 * scale, (132, 176, 182), 4)
    board.box(x + 166 * scale, base - high + 26 * scale, 60 * scale, 110 * scale, shade(colour, 0.78), 6)
    for lamp, light in enumerate(((196, 70, 60), (226, 180, 70), (96, 170, 100))):
        board.disc(x + 196 * scale, base - high + (46 + lamp * 32) * scale, 9 * scale, light)
    board.box(x + 20 * scale, base - 56 * scale, 210 * scale, 14 * scale, shade(colour, 0.6))
    board.line([(x + 230 * scale, base - high - 20 * scale), (x + 230 * scale, base - high - 92 * scale)], STEEL, 6)
    board.box(x + 218 * scale, base - high - 104 * scale, 24 * scale, 36 * scale, (226, 120, 60), 5)


def workshop(board: Board) -> None:
    """A hall with two rows of machines."""
    rng = board.rng
    board.room((196, 204, 206), rng.choice(((128, 146, 138), (150, 152, 150), (118, 138, 150))), 640)
    board.windows(430, 290, 740, 150, 8, 1)
    for beam in range(4):
        y, reach = 60 + beam * 58, 60 + beam * 100
        board.line([(reach, y), (WIDTH - reach, y)], (120, 128, 134), 14 - beam * 3)
    for lamp in range(3):
        x, y, size = 800, 90 + lamp * 62, 150 - lamp * 38
        board.box(x - size, y, size * 2, 14 - lamp * 3, (252, 250, 232), 6)

    def glow(pen: ImageDraw.ImageDraw) -> None:
        pen.ellipse((480, 20, 1120, 420), fill=90)
        pen.ellipse((560, 700, 1040, 1140), fill=46)

    board.soft(glow, (255, 252, 236), 60, 8)
    for side in (-1, 1):
        board.line([(800 + side * 110, 650), (800 + side * 420, HEIGHT)], (226, 190, 74), 10)
    for scale, base, gap in ((0.55, 700, 205), (0.85, 830, 290), (1.3, 1050, 400)):
        machine(board, 800 - gap - 250 * scale - 40 * scale, base, scale)
        machine(board, 800 + gap, base, scale)
    if rng.random() < 0.8:
        board.person(800 + rng.randint(-70, 70), 860, 230, (64, 104, 150), (232, 188, 60))


def transformer(board: Board) -> None:
    """A transformer behind its fence, poles and wires."""
    rng = board.rng
    board.sky(760)
    board.hills(760, (156, 172, 160))
    board.ground(750, (150, 160, 128), (116, 124, 96))
    board.trees(770, 7)
    for x, scale in ((250, 1.0), (1380, 0.94)):
        board.box(x, 150, 26 * scale, 780, (146, 132, 118))
        board.box(x - 110, 210, 246 * scale, 18, (120, 108, 96))
        for pin in (-90, 8, 106):
            board.box(x + pin, 176, 12, 36, (196, 120, 92), 4)
    for wire in range(3):
        sag = [(x, 178 + 46 * math.sin(math.pi * (x - 160) / 1230)) for x in range(160 + wire * 98, 1400, 40)]
        board.line([(x + wire * 6, y) for x, y in sag], (60, 64, 68), 4)
    board.shape([(360, 900), (1240, 900), (1380, 1020), (220, 1020)], (186, 184, 178))
    board.shadow(820, 924, 760, 70, 150)
    green = rng.choice(((112, 136, 122), (136, 144, 146), (96, 122, 130)))
    board.solid(560, 560, 440, 340, 110, green)
    for fin in range(11):
        board.box(580 + fin * 37, 610, 18, 250, shade(green, 0.74), 4)
        board.box(580 + fin * 37, 610, 6, 250, shade(green, 1.12), 3)
    for bush in range(3):
        x = 650 + bush * 130
        for ring in range(5):
            board.disc(x, 540 - ring * 24, 24 - ring * 2, (178, 96, 74) if ring % 2 else (202, 122, 96), 0.5)
        board.line([(x, 440), (x + 20, 380), (x + 10, 240)], (60, 64, 68), 5)
    board.box(900, 640, 84, 108, (240, 206, 70), 6)
    board.shape([(948, 654), (918, 704), (940, 704), (930, 738), (968, 688), (946, 688)], (40, 40, 40))
    for post in range(17):
        board.box(120 + post * 86, 920, 12, 180, (204, 206, 204))
    for rail in (950, 1060):
        board.box(90, rail, 1430, 10, (204, 206, 204))


def flooded_road(board: Board) -> None:
    """Water over a road in front of a wall, ripples and a reflection."""
    rng = board.rng
    board.gradient((0, 0, WIDTH, 560), (126, 140, 152), (196, 202, 204))
    board.shed(rng.randint(60, 200), 590, 620, 250)
    board.shed(rng.randint(860, 980), 590, 520, 210)
    board.trees(600, 8)
    board.box(0, 560, WIDTH, 70, (168, 162, 152))
    mirror = board.image.crop((0, 230, WIDTH, 620)).transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((WIDTH, 590))
    board.ground(625, (120, 128, 126), (104, 104, 98))
    water = Image.blend(mirror, Image.new("RGB", mirror.size, (122, 126, 116)), 0.58)
    edge = Image.new("L", (WIDTH, 590), 0)
    points = [(0.0, 30.0), (WIDTH, 12.0), (WIDTH, 470.0)]
    points += [(x, 480 + 34 * math.sin(x / 170) + rng.randint(-8, 8)) for x in range(WIDTH, -1, -80)]
    ImageDraw.Draw(edge).polygon(points, fill=235)
    edge = edge.reduce(4).filter(ImageFilter.GaussianBlur(2)).resize((WIDTH, 590))
    board.image.paste(water, (0, 625), edge)
    for _ in range(70):
        y = rng.randint(660, 1080)
        length = (y - 600) * rng.uniform(0.1, 0.36)
        x = rng.randint(-40, WIDTH)
        board.line([(x, y), (x + length, y)], shade((138, 144, 138), rng.uniform(0.92, 1.3)), rng.randint(2, 4))
    board.disc(1180, 900, 90, (150, 158, 152), 0.34)
    board.disc(1180, 900, 66, (96, 102, 98), 0.34)
    board.truck(360, 800, 0.72, rng.choice(((176, 70, 58), (66, 104, 150))))
    board.soft(lambda pen: pen.rectangle((330, 776, 920, 850), fill=225), (126, 132, 124), 8)
    for ring in range(4):
        area = (300 - ring * 40, 780 - ring * 8, 950 + ring * 40, 850 + ring * 14)
        board.pen.arc(area, 10, 170, fill=(178, 184, 178), width=4)
    for cone in (1330, 1450):
        board.shape([(cone - 44, 1010), (cone + 44, 1010), (cone + 8, 870), (cone - 8, 870)], (224, 108, 52))
        board.shape([(cone - 29, 960), (cone + 29, 960), (cone + 20, 920), (cone - 20, 920)], (244, 244, 240))
    if rng.random() < 0.6:
        for _ in range(160):
            x, y = rng.randint(0, WIDTH), rng.randint(0, HEIGHT)
            board.line([(x, y), (x - 8, y + 36)], (198, 206, 210), 2)


def warehouse(board: Board) -> None:
    """Shelves full of boxes along an aisle."""
    rng = board.rng
    board.room((210, 206, 196), (162, 160, 154), 640)
    board.box(700, 380, 200, 260, (148, 158, 164))
    for slat in range(8):
        board.line([(700, 396 + slat * 32), (900, 396 + slat * 32)], (126, 136, 142), 3)
    browns = ((198, 156, 108), (182, 138, 92), (212, 176, 128), (170, 132, 96), (196, 190, 178))
    for side in (-1, 1):
        for depth in (0.34, 0.5, 0.74, 1.12):
            x = 800 + side * (170 + 330 * (depth - 0.34))
            wide, high, base = 330 * depth, 560 * depth, 640 + 480 * (depth - 0.34)
            left = x if side > 0 else x - wide
            board.box(left, base - high, wide, high, shade((150, 146, 138), 0.8))
            for level in range(4):
                floor = base - level * high / 4 - 8
                at = left + 8
                while at < left + wide - 26 * depth:
                    size = rng.uniform(48, 92) * depth
                    tall = rng.uniform(0.62, 0.9) * high / 4
                    size = min(size, left + wide - at - 6)
                    colour = rng.choice(browns)
                    board.box(at, floor - tall, size, tall, colour, 3)
                    board.box(at + size * 0.42, floor - tall, size * 0.16, tall, shade(colour, 1.2))
                    board.box(at, floor - tall, size, max(3, tall * 0.06), shade(colour, 0.86))
                    at += size + 4
                board.box(left - 6, floor, wide + 12, 14 * depth, (208, 110, 50))
            for post in (left - 8, left + wide - 6):
                board.box(post, base - high - 20, 14 * depth + 4, high + 24, (60, 96, 140))
    board.soft(lambda pen: pen.ellipse((640, 60, 960, 300), fill=130), (255, 250, 232), 50, 8)
    board.shadow(800, 960, 330, 50, 140)
    board.solid(690, 900, 200, 44, 60, (176, 140, 96))
    for row in range(2):
        for column in range(2):
            board.solid(694 + column * 98, 800 - row * 92, 92, 92, 50, rng.choice(browns))


def documents(board: Board) -> None:
    """Papers, a pen and a seal on a desk, from above."""
    rng = board.rng
    wood = rng.choice(((176, 134, 96), (150, 116, 86), (192, 160, 122)))
    board.gradient((0, 0, WIDTH, HEIGHT), shade(wood, 1.12), shade(wood, 0.9))
    for grain in range(60):
        y = grain * 20 + rng.randint(-8, 8)
        points = [(x, y + 6 * math.sin(x / 210 + grain)) for x in range(0, WIDTH + 1, 80)]
        board.line(points, shade(wood, rng.uniform(0.92, 1.08)), rng.randint(2, 5))
    for angle, x, y in (
        (rng.uniform(4, 12), 180, 90),
        (rng.uniform(-10, -3), 700, 130),
        (rng.uniform(-2, 4), 450, 110),
    ):
        sheet = Image.new("RGBA", (640, 900), (250, 249, 244, 255))
        pen = ImageDraw.Draw(sheet)
        pen.rectangle((150, 70, 490, 96), fill=(176, 58, 50) if rng.random() < 0.5 else (70, 74, 80))
        pen.line((70, 132, 570, 132), fill=(176, 58, 50), width=4)
        y_line = 180
        while y_line < 640:
            end = 570 if rng.random() < 0.8 else rng.randint(200, 480)
            start = 110 if rng.random() < 0.2 else 70
            while start < end:
                word = rng.randint(24, 110)
                pen.rectangle((start, y_line, min(start + word, end), y_line + 11), fill=(122, 124, 128))
                start += word + 9
            y_line += 34
        if rng.random() < 0.75:  # a plain chop, unlike any office's round seal
            pen.rounded_rectangle((410, 680, 540, 810), 14, outline=(196, 50, 44), width=9)
            for part in range(4):
                corner_x, corner_y = 432 + part % 2 * 50, 702 + part // 2 * 50
                pen.rectangle((corner_x, corner_y, corner_x + 36, corner_y + 36), outline=(196, 50, 44), width=8)
        turned = sheet.rotate(angle, Image.Resampling.BILINEAR, expand=True)
        cast = turned.getchannel("A").point(lambda value: value * 0.4).reduce(4)
        cast = cast.filter(ImageFilter.GaussianBlur(4)).resize(turned.size)
        board.image.paste((40, 30, 24), (x + 16, y + 20), cast)
        board.image.paste(turned, (x, y), turned)
    board.shadow(1330, 950, 330, 60)
    board.line([(1180, 1030), (1470, 790)], (40, 52, 84), 24)
    board.line([(1160, 1048), (1186, 1026)], (202, 176, 96), 16)
    board.line([(1420, 832), (1470, 790)], (202, 176, 96), 24)
    board.shadow(1370, 330, 250, 200, 120)
    board.disc(1350, 290, 118, (244, 244, 240))
    board.disc(1350, 290, 98, (226, 226, 222))
    board.disc(1350, 290, 88, (120, 92, 50) if rng.random() < 0.5 else (136, 152, 92))
    board.pen.arc((1440, 240, 1520, 340), 250, 110, fill=(240, 240, 236), width=20)


def meeting(board: Board) -> None:
    """A table with people round it and a screen on the wall."""
    rng = board.rng
    board.room(rng.choice(((222, 216, 204), (208, 216, 220), (220, 210, 196))), (156, 142, 128), 620)
    board.box(560, 300, 480, 230, DARK, 8)
    board.box(574, 314, 452, 202, (230, 240, 244), 4)
    for bar in range(6):
        high = rng.randint(30, 130)
        board.box(620 + bar * 64, 490 - high, 38, high, rng.choice(((70, 122, 168), (214, 140, 70), (104, 156, 120))))
    board.line([(610, 494), (1000, 494)], (90, 96, 102), 4)
    coats = [(66, 84, 110), (92, 98, 106), (146, 82, 76), (70, 110, 104), (196, 190, 180), (54, 62, 78)]
    for index, x in enumerate((540, 720, 900, 1080)):
        tall = 210
        board.box(x - 58, 560, 116, 150, (96, 80, 70), 18)
        board.box(x - 50, 570, 100, 150, coats[(index + rng.randint(0, 5)) % 6], 26)
        board.disc(x, 536, tall * 0.19, (206, 168, 140))
        board.pen.pieslice((x - 42, 492, x + 42, 572), 180, 360, fill=(44, 40, 40))
    board.shadow(800, 1010, 1300, 200, 130)
    board.shape([(430, 690), (1170, 690), (1480, 980), (120, 980)], (150, 106, 74))
    board.shape([(430, 690), (1170, 690), (1200, 716), (400, 716)], (172, 128, 94))
    board.shape([(120, 980), (1480, 980), (1470, 1040), (130, 1040)], (112, 78, 54))
    board.soft(lambda pen: pen.polygon([(700, 700), (940, 700), (1040, 970), (720, 970)], fill=70), (255, 246, 230), 30)
    for x, y, size in (
        (520, 740, 1.0),
        (740, 736, 1.0),
        (960, 740, 1.0),
        (360, 860, 1.4),
        (700, 870, 1.4),
        (1060, 870, 1.4),
    ):
        paper = [(x, y), (x + 96 * size, y), (x + 104 * size, y + 44 * size), (x - 8 * size, y + 44 * size)]
        board.shape(paper, (246, 246, 242))
        for row in range(3):
            board.line(
                [(x + 8, y + (10 + row * 11) * size), (x + 88 * size, y + (10 + row * 11) * size)], (150, 154, 158), 2
            )
        board.disc(x + 128 * size, y + 20 * size, 17 * size, (250, 250, 248), 0.7)
        board.disc(x + 128 * size, y + 16 * size, 12 * size, (126, 144, 84), 0.7)
    for x in (330, 800, 1270):
        board.box(x - 96, 1010, 192, 250, coats[rng.randint(0, 5)], 46)
        board.disc(x, 978, 62, (48, 43, 41))
        board.box(x - 28, 1016, 56, 28, (206, 168, 140), 12)


def construction(board: Board) -> None:
    """A frame going up beside a crane."""
    rng = board.rng
    board.sky(840)
    board.hills(840, (160, 174, 176))
    board.ground(830, (188, 168, 138), (152, 130, 102))
    concrete: Colour = (176, 174, 168)
    floors, columns = rng.randint(4, 5), 6
    for level in range(floors):
        y = 830 - (level + 1) * 128
        bays = columns - (rng.randint(1, 2) if level == floors - 1 else 0)
        board.box(190, y + 24, bays * 130, 104, shade(concrete, 0.58))
        for bay in range(bays):
            if rng.random() < 0.4 and level < floors - 1:
                board.box(200 + bay * 130, y + 24, 118, 104, (190, 112, 84))
                for course in range(4):
                    board.line(
                        [(200 + bay * 130, y + 44 + course * 22), (318 + bay * 130, y + 44 + course * 22)],
                        (172, 98, 72),
                        3,
                    )
            board.box(182 + bay * 130, y + 20, 26, 112, concrete)
        board.box(182 + bays * 130, y + 20, 26, 112, concrete)
        board.box(170, y, bays * 130 + 60, 26, shade(concrete, 1.15))
        if level == floors - 1:
            for rod in range(bays + 1):
                for part in (0, 9, 18):
                    board.line([(185 + rod * 130 + part, y), (185 + rod * 130 + part, y - 56)], (132, 84, 62), 4)
    green: Colour = (98, 148, 110)
    board.box(960, 830 - floors * 128, 60, floors * 128, shade(green, 1.1))
    for row in range(floors * 4):
        board.line([(960, 830 - row * 32), (1020, 830 - row * 32 - 24)], shade(green, 0.85), 3)
    mast, yellow = 1240, (226, 174, 62)
    for x in (mast, mast + 54):
        board.box(x, 190, 12, 660, yellow)
    for rung in range(11):
        top = 200 + rung * 60
        board.line([(mast + 6, top), (mast + 60, top + 60)], shade(yellow, 0.85), 6)
        board.line([(mast + 60, top), (mast + 6, top + 60)], shade(yellow, 0.85), 6)
    board.box(420, 170, 1090, 16, yellow)
    board.box(460, 128, 780, 10, yellow)
    for brace in range(19):
        left = 460 + brace * 41
        board.line([(left, 170), (left + 20, 132), (left + 41, 170)], shade(yellow, 0.85), 5)
    board.line([(mast + 33, 60), (470, 130)], (90, 90, 90), 4)
    board.line([(mast + 33, 60), (1490, 172)], (90, 90, 90), 4)
    board.box(mast + 22, 60, 22, 130, yellow)
    board.box(1410, 180, 90, 70, (120, 122, 124))
    board.box(mast - 40, 186, 56, 66, (230, 226, 214), 6)
    hook = rng.randint(560, 900)
    board.line([(hook, 184), (hook, 330)], (70, 70, 72), 4)
    board.box(hook - 80, 330, 160, 22, (150, 110, 80))
    board.shape([(0, 1010), (120, 880), (290, 840), (470, 900), (600, 1010)], (184, 150, 108))
    board.shape([(120, 880), (290, 840), (360, 1010), (60, 1010)], (200, 168, 126))
    for panel in range(9):
        board.box(panel * 180, 1010, 174, 150, (72, 118, 168) if panel % 2 else (236, 236, 232))
    board.box(0, 1150, WIDTH, 50, (148, 140, 130))
    board.person(800, 1000, 170, (220, 110, 50), (240, 200, 60))
    board.person(900, 996, 164, (70, 96, 140), (238, 238, 236))


def truck_at_gate(board: Board) -> None:
    """A lorry in front of a barrier."""
    rng = board.rng
    board.sky(640)
    board.hills(640, (150, 166, 160))
    board.ground(630, (168, 168, 164), (128, 128, 128))
    board.shed(rng.randint(20, 120), 690, 760, 330)
    board.shed(1010, 690, 520, 260)
    board.trees(700, 6)
    board.box(0, 690, WIDTH, 26, (150, 146, 138))
    board.shape([(0, 860), (WIDTH, 860), (WIDTH, 1130), (0, 1130)], (112, 114, 118))
    for dash in range(9):
        board.shape(
            [(dash * 200, 1062), (dash * 200 + 110, 1062), (dash * 200 + 100, 1078), (dash * 200 - 10, 1078)],
            (226, 222, 206),
        )
    board.box(1250, 560, 220, 300, (226, 224, 216), 4)
    board.box(1232, 538, 256, 26, (160, 70, 58))
    board.box(1280, 610, 120, 100, shade(GLASS, 0.9), 4)
    board.box(1410, 640, 46, 220, (120, 128, 134), 4)
    board.truck(
        rng.randint(120, 200), 990, 1.2, rng.choice(((170, 62, 54), (60, 102, 150), (74, 124, 92), (206, 150, 58)))
    )
    board.box(1180, 840, 60, 180, (224, 176, 60), 6)
    for stripe in range(11):
        colour = (204, 62, 52) if stripe % 2 else (246, 246, 242)
        board.box(1205 - (stripe + 1) * 62, 856, 62, 22, colour)
    board.person(1330, 1040, 210, (60, 84, 116), (40, 50, 72))


def chimney(board: Board) -> None:
    """A stack, a filter house and the duct between them."""
    rng = board.rng
    board.sky(860)
    board.hills(860, (156, 170, 170))
    board.ground(850, (172, 168, 160), (140, 138, 132))
    board.shed(30, 880, 560, 330)
    brick = rng.choice(((178, 104, 84), (196, 192, 184)))
    board.shape([(1200, 870), (1232, 150), (1316, 150), (1348, 870)], brick)
    board.shape([(1290, 870), (1286, 150), (1316, 150), (1348, 870)], shade(brick, 0.8))
    for band in (190, 300, 410):
        left, right = 1232 - (band - 150) * 0.044, 1316 + (band - 150) * 0.044
        board.box(left, band, right - left, 34, (202, 66, 56) if brick[0] > 190 else (236, 232, 224))
    board.box(1222, 138, 104, 18, shade(brick, 0.65))

    def smoke(pen: ImageDraw.ImageDraw) -> None:
        x, y, size = 1270.0, 120.0, 34.0
        for _ in range(9):
            pen.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.7), fill=120)
            x, y, size = x - rng.uniform(34, 66), y - rng.uniform(-6, 16), size + 7

    board.soft(smoke, (250, 250, 250), 22, 8)
    steel = rng.choice(((96, 128, 146), (120, 138, 120), (150, 154, 158)))
    board.shadow(880, 900, 560, 60, 120)
    board.solid(700, 480, 330, 260, 80, steel)
    for rib in range(8):
        board.line([(716 + rib * 42, 488), (716 + rib * 42, 736)], shade(steel, 0.84), 5)
    for hopper in range(3):
        left = 700 + hopper * 110
        board.shape([(left, 740), (left + 110, 740), (left + 66, 830), (left + 44, 830)], shade(steel, 0.82))
    for leg in (706, 1010):
        board.box(leg, 740, 16, 160, shade(steel, 0.6))
    board.line([(706, 880), (1020, 760)], shade(steel, 0.6), 7)
    board.box(430, 520, 280, 74, shade(steel, 1.2), 10)
    board.box(430, 572, 280, 22, shade(steel, 0.9), 8)
    for ring in range(4):
        board.box(470 + ring * 64, 512, 12, 90, shade(steel, 0.7))
    board.box(1090, 600, 150, 66, shade(steel, 1.2), 8)
    board.box(1090, 646, 150, 20, shade(steel, 0.9), 6)
    board.solid(1040, 800, 120, 96, 40, (188, 128, 58))
    board.disc(1100, 848, 36, (150, 98, 44))
    for step in range(12):
        board.line([(640, 480 + step * 34), (690, 480 + step * 34)], (226, 180, 70), 5)
    board.line([(640, 470), (640, 890)], (226, 180, 70), 6)
    board.line([(690, 470), (690, 890)], (226, 180, 70), 6)
    board.trees(925, 6)


def shop_front(board: Board) -> None:
    """Three shops in a row, an awning and a bicycle."""
    rng = board.rng
    board.gradient((0, 0, WIDTH, 300), (150, 184, 210), (220, 228, 230))
    wall = rng.choice(WALLS)
    board.box(0, 90, WIDTH, 790, wall)
    board.windows(30, 110, WIDTH - 60, 190, 9, 1)
    board.ground(880, (186, 182, 174), (150, 148, 144))
    for slab in range(-8, 17):
        board.line([(slab * 110, 880), ((slab - 4) * 190 + 280, HEIGHT)], (168, 164, 156), 3)
    for row in (920, 985, 1080):
        board.line([(0, row), (WIDTH, row)], (168, 164, 156), 3)
    signs = rng.sample([(176, 58, 50), (48, 92, 140), (54, 112, 90), (210, 148, 56), (112, 74, 128)], 3)
    for shop, colour in enumerate(signs):
        x = 30 + shop * 525
        board.box(x, 330, 490, 104, colour, 6)
        for letter in range(5):
            board.box(x + 76 + letter * 72, 356, 48, 50, (248, 240, 214), 8)
        board.box(x, 440, 490, 440, shade(wall, 0.7))
        board.gradient((x + 18, 470, x + 310, 800), shade(GLASS, 0.72), shade(GLASS, 1.15))
        for shelf in range(3):
            y = 560 + shelf * 80
            board.box(x + 30, y, 268, 8, (196, 170, 130))
            at = x + 38
            while at < x + 270:
                wide, high = rng.randint(16, 34), rng.randint(24, 56)
                board.box(
                    at,
                    y - high,
                    wide,
                    high,
                    rng.choice(((204, 92, 74), (236, 196, 96), (110, 160, 120), (90, 130, 176))),
                    4,
                )
                at += wide + 8
        board.shape([(x + 40, 790), (x + 150, 480), (x + 190, 480), (x + 80, 790)], shade(GLASS, 1.28))
        board.gradient((x + 330, 470, x + 470, 880), (74, 86, 94), (104, 118, 124))
        board.box(x + 442, 660, 10, 70, (220, 214, 190), 4)
        stripes = 10
        for stripe in range(stripes):
            left = x + stripe * 49
            tint = colour if stripe % 2 else (246, 244, 236)
            board.shape(
                [(left, 434), (left + 49, 434), (left + 49 + (stripe - 4) * 4, 496), (left + (stripe - 5) * 4, 496)],
                tint,
            )
        board.shadow(x + 245, 884, 480, 24, 90)
    for pot in (345, 870, 1395):
        board.box(pot, 830, 64, 62, (168, 96, 72), 6)
        board.disc(pot + 32, 800, 48, (92, 136, 88))
    board.person(760, 1010, 250, rng.choice(((196, 110, 84), (72, 104, 140))))
    for wheel in (1130, 1330):
        board.shadow(wheel, 1064, 150, 20)
        board.pen.ellipse((wheel - 66, 930, wheel + 66, 1062), outline=(40, 42, 46), width=11)
        for spoke in range(6):
            turn = spoke * math.pi / 6
            dx, dy = 60 * math.cos(turn), 60 * math.sin(turn)
            board.line([(wheel - dx, 996 - dy), (wheel + dx, 996 + dy)], (150, 152, 156), 2)
    frame = (52, 104, 150)
    board.line([(1130, 996), (1180, 890), (1290, 890), (1330, 996)], frame, 12)
    board.line([(1130, 996), (1222, 1000), (1290, 890)], frame, 10)
    board.line([(1180, 890), (1222, 1000)], frame, 10)
    board.line([(1290, 890), (1282, 846), (1320, 838)], DARK, 10)
    board.box(1146, 866, 70, 18, DARK, 8)


def pipes(board: Board) -> None:
    """Pipes along a wall, a valve wheel, a gauge and a leak."""
    rng = board.rng
    wall = rng.choice(((196, 190, 180), (186, 196, 198), (206, 196, 182)))
    board.gradient((0, 0, WIDTH, 940), shade(wall, 1.12), shade(wall, 0.94))
    for row in range(12):
        board.line([(0, row * 80), (WIDTH, row * 80)], shade(wall, 0.95), 3)
        for brick in range(9):
            x = brick * 190 + (row % 2) * 95
            board.line([(x, row * 80), (x, row * 80 + 80)], shade(wall, 0.95), 3)
    board.ground(940, (142, 140, 134), (112, 110, 106))
    colours = rng.sample([(70, 118, 168), (196, 150, 60), (150, 156, 160), (86, 136, 104), (168, 84, 70)], 3)

    def across(y: float, radius: float, colour: Colour, start: float = 0, end: float = WIDTH) -> None:
        for band in range(12):
            light = 0.66 + 0.62 * math.sin(math.pi * (band + 1.6) / 13)
            board.box(start, y - radius + band * radius / 6, end - start, radius / 6 + 1, shade(colour, light))

    def down(x: float, radius: float, colour: Colour, top: float, bottom: float) -> None:
        for band in range(12):
            light = 0.66 + 0.62 * math.sin(math.pi * (band + 1.6) / 13)
            board.box(x - radius + band * radius / 6, top, radius / 6 + 1, bottom - top, shade(colour, light))

    board.soft(lambda pen: pen.rectangle((0, 300, WIDTH, 350), fill=90), (30, 30, 34), 20)
    board.soft(lambda pen: pen.rectangle((0, 700, WIDTH, 760), fill=100), (30, 30, 34), 20)
    down(330, 46, colours[2], 0, 940)
    across(250, 52, colours[1])
    across(620, 92, colours[0])
    down(1290, 52, colours[1], 250, 940)
    board.disc(1290, 250, 58, shade(colours[1], 1.05))
    for x in (170, 560, 1060, 1480):
        for side in (0, 34):
            board.box(x + side, 508, 28, 224, shade(colours[0], 0.7 + side / 120), 6)
        for bolt in range(5):
            board.disc(x + 14, 536 + bolt * 42, 9, (210, 212, 214))
            board.disc(x + 48, 536 + bolt * 42, 9, (210, 212, 214))
    board.box(748, 500, 124, 240, shade(colours[0], 0.86), 20)
    board.shape([(760, 512), (860, 512), (836, 420), (784, 420)], shade(colours[0], 1.1))
    board.box(800, 300, 20, 130, (150, 154, 158))
    board.soft(lambda pen: pen.ellipse((690, 240, 950, 350), fill=80), (30, 30, 34), 14)
    board.pen.ellipse((670, 210, 950, 330), outline=(190, 52, 46), width=26)
    board.line([(684, 270), (936, 270)], (176, 46, 42), 14)
    board.line([(760, 216), (860, 324)], (176, 46, 42), 14)
    board.line([(860, 216), (760, 324)], (176, 46, 42), 14)
    board.disc(810, 270, 26, (150, 40, 38))
    board.box(1098, 440, 16, 90, STEEL)
    board.disc(1106, 400, 82, (70, 74, 80))
    board.disc(1106, 400, 70, (248, 248, 244))
    for tick in range(9):
        turn = math.pi * (0.75 + tick * 0.1875)
        cos, sin = math.cos(turn), math.sin(turn)
        board.line([(1106 + 50 * cos, 400 + 50 * sin), (1106 + 62 * cos, 400 + 62 * sin)], DARK, 4)
    turn = math.pi * rng.uniform(0.8, 1.5)
    board.line([(1106, 400), (1106 + 48 * math.cos(turn), 400 + 48 * math.sin(turn))], (196, 50, 44), 6)
    board.disc(1106, 400, 9, DARK)
    if rng.random() < 0.8:
        for _ in range(26):
            drop = rng.randint(730, 1010)
            board.disc(588 + rng.randint(-14, 14), drop, rng.randint(4, 8), (170, 206, 226), 1.7)
        board.disc(600, 1040, 190, (118, 136, 144), 0.24)
        board.disc(590, 1036, 140, (150, 172, 182), 0.22)
        board.disc(584, 1032, 60, (196, 214, 222), 0.22)


SCENES: dict[str, Callable[[Board], None]] = {
    "factory_gate": factory_gate,
    "workshop": workshop,
    "transformer": transformer,
    "flooded_road": flooded_road,
    "warehouse": warehouse,
    "documents": documents,
    "meeting": meeting,
    "construction": construction,
    "truck_at_gate": truck_at_gate,
    "chimney": chimney,
    "shop_front": shop_front,
    "pipes": pipes,
}

# The scenes that suit a problem's category; the first is the most usual.
CATEGORY_SCENES: dict[int, tuple[str, ...]] = {
    1: ("documents", "meeting"), 2: ("workshop", "meeting"), 3: ("construction", "documents"),
    4: ("transformer", "pipes"), 5: ("truck_at_gate", "flooded_road"), 6: ("warehouse", "workshop"),
    7: ("warehouse", "shop_front"), 8: ("documents", "meeting"), 9: ("documents", "shop_front"),
    10: ("construction", "documents"), 11: ("chimney", "pipes"), 12: ("workshop", "pipes"),
    13: ("documents", "meeting"), 14: ("shop_front", "documents"), 15: ("documents", "construction"),
    16: ("documents", "meeting"), 17: ("workshop", "documents"), 18: ("flooded_road", "factory_gate"),
    19: ("workshop", "meeting"), 20: ("factory_gate", "meeting"),
}  # fmt: skip
VISIT_SCENES = ("factory_gate", "workshop", "meeting", "warehouse", "shop_front", "truck_at_gate")


@lru_cache(maxsize=2)
def vignette(size: tuple[int, int]) -> Image.Image:
    """Dark towards the corners."""
    return Image.radial_gradient("L").resize(size).point(lambda value: max(0, value - 120) * 0.42)


def caption_font(height: int) -> ImageFont.FreeTypeFont | None:
    """A font with Chinese letters of that height in pixels, or None where the machine has none."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, height)
        except OSError:
            continue
    return None


def finish(board: Board) -> Image.Image:
    """Light from one side, dark corners and grain."""
    rng = board.rng
    image = board.image
    x = rng.choice((-200, 1100))
    glow = Image.new("L", (WIDTH // 8, HEIGHT // 8), 0)
    ImageDraw.Draw(glow).ellipse((x // 8, -60, x // 8 + 90, 60), fill=70)
    image.paste((255, 246, 224), (0, 0), glow.filter(ImageFilter.GaussianBlur(18)).resize((WIDTH, HEIGHT)))
    image.paste((22, 24, 32), (0, 0), vignette((WIDTH, HEIGHT)))
    tile = Image.frombytes("L", (400, 300), rng.randbytes(120_000)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    noise = tile.point(lambda value: 122 + value // 18)
    return ImageChops.overlay(image, Image.merge("RGB", (noise, noise, noise)))


def draw_photo(rng: Random, scene: str, caption: str = "", size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """A JPEG of the scene (a key of SCENES); the same generator gives the same bytes."""
    board = Board(rng)
    SCENES[scene](board)
    image = finish(board)
    if rng.random() < 0.5 and scene not in ("documents", "meeting"):
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if caption and (font := caption_font(34)):
        pen = ImageDraw.Draw(image)
        wide = pen.textlength(caption, font)
        pen.rounded_rectangle((24, HEIGHT - 84, 56 + wide, HEIGHT - 24), 10, fill=(30, 34, 40))
        pen.text((40, HEIGHT - 76), caption, (246, 246, 242), font)
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
