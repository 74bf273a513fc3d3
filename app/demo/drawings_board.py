"""The board on which the demo's photos are drawn, its colours, and the shapes that scenes share."""

import math
from collections.abc import Callable, Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

WIDTH, HEIGHT = 1600, 1200
SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((118, 170, 214), (222, 234, 240)),
    ((146, 178, 200), (234, 228, 214)),
    ((160, 176, 188), (226, 228, 226)),
    ((104, 158, 206), (240, 226, 204)),
)
WALLS: tuple[Colour, ...] = ((226, 222, 212), (214, 220, 222), (232, 214, 190), (206, 214, 206), (222, 206, 198))
ROOFS: tuple[Colour, ...] = ((70, 112, 150), (160, 76, 62), (92, 104, 112), (66, 120, 110))
MACHINES: tuple[Colour, ...] = ((72, 128, 112), (66, 104, 150), (188, 128, 58), (112, 120, 128), (156, 84, 72))
STEEL: Colour = (128, 136, 142)
DARK: Colour = (52, 58, 64)
GLASS: Colour = (120, 158, 180)


def shade(colour: Colour, factor: float) -> Colour:
    """Lighter above one, darker below."""
    if factor >= 1:
        mix = min(factor - 1, 1.0)
        red, green, blue = (round(part + (255 - part) * mix) for part in colour)
    else:
        red, green, blue = (round(part * factor) for part in colour)
    return red, green, blue


class Board:
    """The board a scene is drawn on, with the few shapes that scenes share."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.image = Image.new("RGB", (WIDTH, HEIGHT), (230, 230, 228))
        self.pen = ImageDraw.Draw(self.image)

    def gradient(self, box: tuple[int, int, int, int], top: Colour, bottom: Colour) -> None:
        """Fill a box with a colour that turns into another from top to bottom."""
        ramp = Image.linear_gradient("L").resize((box[2] - box[0], box[3] - box[1]))
        lower = Image.new("RGB", ramp.size, bottom)
        lower.paste(Image.new("RGB", ramp.size, top), mask=ImageChops.invert(ramp))
        self.image.paste(lower, box[:2])

    def box(self, x: float, y: float, wide: float, high: float, colour: Colour, radius: float = 0) -> None:
        """A filled box with rounded corners."""
        self.pen.rounded_rectangle((x, y, x + wide, y + high), radius, fill=colour)

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self.pen.polygon(points, fill=colour)

    def line(self, points: Sequence[Point], colour: Colour, width: int = 6) -> None:
        """A line through the points."""
        self.pen.line(points, fill=colour, width=width, joint="curve")

    def disc(self, x: float, y: float, radius: float, colour: Colour, flat: float = 1.0) -> None:
        """A filled circle, or an ellipse `flat` times as high as wide."""
        self.pen.ellipse((x - radius, y - radius * flat, x + radius, y + radius * flat), fill=colour)

    def soft(self, paint: Callable[[ImageDraw.ImageDraw], None], colour: Colour, blur: float, small: int = 4) -> None:
        """What ``paint`` draws on a mask, blurred: shadows, smoke, light. Worked out small, which costs little."""
        mask = Image.new("L", (WIDTH, HEIGHT), 0)
        paint(ImageDraw.Draw(mask))
        mask = mask.reduce(small).filter(ImageFilter.GaussianBlur(blur / small)).resize((WIDTH, HEIGHT))
        self.image.paste(colour, (0, 0), mask)

    def shadow(self, x: float, y: float, wide: float, high: float = 26, strength: int = 110) -> None:
        """A shadow on the floor, its centre at (x, y)."""
        edge = 40
        size = (round(wide / 4) + edge // 2, round(high / 4) + edge // 2)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).ellipse((edge / 4, edge / 4, size[0] - edge / 4, size[1] - edge / 4), fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(3)).resize((size[0] * 4, size[1] * 4))
        self.image.paste((30, 32, 38), (round(x - size[0] * 2), round(y - size[1] * 2)), mask)

    def solid(self, x: float, y: float, wide: float, high: float, depth: float, colour: Colour) -> None:
        """A block seen from the front left: front, top and right side."""
        lift = depth * 0.45
        self.shape([(x, y), (x + depth, y - lift), (x + wide + depth, y - lift), (x + wide, y)], shade(colour, 1.28))
        self.shape(
            [(x + wide, y), (x + wide + depth, y - lift), (x + wide + depth, y + high - lift), (x + wide, y + high)],
            shade(colour, 0.72),
        )
        self.box(x, y, wide, high, colour)

    def person(self, x: float, y: float, tall: float, coat: Colour, hat: Colour | None = None) -> None:
        """A figure without a face, feet at (x, y)."""
        self.shadow(x, y, tall * 0.42, tall * 0.09)
        wide = tall * 0.26
        self.box(x - wide * 0.42, y - tall * 0.46, wide * 0.36, tall * 0.46, DARK, 6)
        self.box(x + wide * 0.06, y - tall * 0.46, wide * 0.36, tall * 0.46, shade(DARK, 0.85), 6)
        self.box(x - wide / 2, y - tall * 0.82, wide, tall * 0.42, coat, tall * 0.06)
        self.box(x - wide * 0.66, y - tall * 0.8, wide * 0.2, tall * 0.36, shade(coat, 0.84), 8)
        self.box(x + wide * 0.46, y - tall * 0.8, wide * 0.2, tall * 0.36, shade(coat, 0.84), 8)
        self.disc(x, y - tall * 0.9, tall * 0.075, (206, 168, 140))
        head = (x - tall * 0.085, y - tall * 0.985, x + tall * 0.085, y - tall * 0.85)
        self.pen.pieslice(head, 180, 360, fill=hat or (48, 44, 42))

    def sky(self, horizon: int) -> None:
        """The sky above the horizon, with clouds."""
        top, bottom = self.rng.choice(SKIES)
        self.gradient((0, 0, WIDTH, horizon), top, bottom)

        def clouds(pen: ImageDraw.ImageDraw) -> None:
            for _ in range(self.rng.randint(2, 5)):
                x, y = self.rng.randint(0, WIDTH), self.rng.randint(40, max(60, horizon - 240))
                for _ in range(6):
                    dx, dy, size = self.rng.randint(-150, 150), self.rng.randint(-20, 20), self.rng.randint(40, 90)
                    area = (x + dx - size, y + dy - size * 0.42, x + dx + size, y + dy + size * 0.42)
                    pen.ellipse(area, fill=150)

        self.soft(clouds, (255, 255, 255), 22, 8)

    def hills(self, horizon: int, colour: Colour) -> None:
        """A line of hills on the horizon."""
        phase = self.rng.uniform(0, 6)
        points: list[Point] = [(0.0, float(horizon))]
        for x in range(0, WIDTH + 1, 40):
            wave = 46 * math.sin(x / 290 + phase) + 22 * math.sin(x / 113 + 2 * phase)
            points.append((x, horizon - 78 - wave))
        self.shape([*points, (WIDTH, horizon)], colour)

    def ground(self, horizon: int, far: Colour, near: Colour) -> None:
        """The ground from the horizon to the lower edge."""
        self.gradient((0, horizon, WIDTH, HEIGHT), far, near)

    def trees(self, base: int, count: int) -> None:
        """Trees in a row with their feet at `base`."""
        for _ in range(count):
            x, size = self.rng.randint(0, WIDTH), self.rng.randint(34, 70)
            green = self.rng.choice(((92, 126, 84), (108, 140, 92), (78, 112, 82)))
            self.box(x - 5, base - size, 10, size, (104, 86, 70))
            self.disc(x, base - size * 1.5, size * 0.8, green)
            self.disc(x - size * 0.3, base - size * 1.75, size * 0.45, shade(green, 1.18))

    def windows(self, x: float, y: float, wide: float, high: float, columns: int, rows: int) -> None:
        """Rows of windows on a wall, some of them lit."""
        step_x, step_y = wide / columns, high / rows
        for column in range(columns):
            for row in range(rows):
                left, top = x + column * step_x + step_x * 0.16, y + row * step_y + step_y * 0.2
                glass = shade(GLASS, self.rng.choice((0.8, 0.92, 1.0, 1.12, 1.25)))
                self.box(left, top, step_x * 0.68, step_y * 0.6, glass, 3)
                self.line([(left, top + step_y * 0.6), (left + step_x * 0.68, top + step_y * 0.6)], (240, 240, 238), 4)

    def shed(self, x: float, base: float, wide: float, high: float) -> None:
        """A factory hall with a ribbed wall and a low gable."""
        wall, roof = self.rng.choice(WALLS), self.rng.choice(ROOFS)
        top = base - high
        self.box(x, top, wide, high, wall)
        for rib in range(1, int(wide // 26)):
            self.line([(x + rib * 26, top), (x + rib * 26, base)], shade(wall, 0.95), 2)
        self.shape([(x - 20, top), (x + wide / 2, top - high * 0.28), (x + wide + 20, top)], roof)
        self.shape([(x + wide / 2, top - high * 0.28), (x + wide + 20, top), (x + wide * 0.62, top)], shade(roof, 0.86))
        self.box(x, base - high * 0.12, wide, high * 0.12, shade(wall, 0.78))
        self.windows(x + 24, top + high * 0.14, wide - 48, high * 0.24, max(3, int(wide // 110)), 1)

    def truck(self, x: float, base: float, scale: float, colour: Colour) -> None:
        """A lorry from the side, the cab on the right."""
        self.shadow(x + 360 * scale, base + 4, 760 * scale, 44 * scale, 150)
        cargo = shade(colour, 1.35) if self.rng.random() < 0.5 else (214, 218, 220)
        self.box(x, base - 340 * scale, 500 * scale, 270 * scale, cargo, 6)
        for rib in range(1, 10):
            at = x + rib * 50 * scale
            self.line([(at, base - 334 * scale), (at, base - 76 * scale)], shade(cargo, 0.88), max(2, round(4 * scale)))
        self.box(x, base - 84 * scale, 700 * scale, 34 * scale, DARK)
        cab = [(520, 70), (520, 300), (640, 300), (704, 190), (704, 70)]
        self.shape([(x + px * scale, base - py * scale) for px, py in cab], colour)
        pane = [(560, 190), (560, 276), (628, 276), (678, 190)]
        self.shape([(x + px * scale, base - py * scale) for px, py in pane], shade(GLASS, 0.9))
        self.box(x + 684 * scale, base - 124 * scale, 22 * scale, 30 * scale, (246, 224, 150), 4)
        for wheel in (90, 190, 410, 610):
            self.disc(x + wheel * scale, base - 40 * scale, 46 * scale, (36, 38, 42))
            self.disc(x + wheel * scale, base - 40 * scale, 22 * scale, (150, 154, 158))

    def room(self, wall: Colour, floor: Colour, horizon: int) -> None:
        """A hall in one-point perspective: back wall, side walls, ceiling and floor."""
        left, right, top = 380, 1220, 250
        self.gradient((0, 0, WIDTH, HEIGHT), shade(wall, 0.92), shade(wall, 1.1))
        self.shape([(0, 0), (WIDTH, 0), (right, top), (left, top)], shade(wall, 0.78))
        self.shape([(0, 0), (left, top), (left, horizon), (0, HEIGHT)], shade(wall, 0.9))
        self.shape([(WIDTH, 0), (right, top), (right, horizon), (WIDTH, HEIGHT)], shade(wall, 0.82))
        self.box(left, top, right - left, horizon - top, shade(wall, 1.12))
        self.shape([(left, horizon), (right, horizon), (WIDTH, HEIGHT), (0, HEIGHT)], floor)
        for column in range(-4, 5):
            at = 800 + column * 105
            self.line([(at, horizon), (800 + column * 310, HEIGHT)], shade(floor, 0.93), 3)
        for row in (0.12, 0.3, 0.55, 0.85):
            y = horizon + (HEIGHT - horizon) * row
            self.line([(left * (1 - row), y), (right + (WIDTH - right) * row, y)], shade(floor, 0.93), 3)
