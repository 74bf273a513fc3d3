"""Photos are made small and upright on the phone, whatever its browser can do."""

import pytest
from playwright.sync_api import expect

from tests.browser.outbox import A_FORM, sign_in

PIXELS = """
async () => {
  const [file] = document.querySelector("input[name=photos]").files;
  const bitmap = await (self.decode || createImageBitmap)(file);
  const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  paper.drawImage(bitmap, 0, 0);
  const at = (x, y) => [...paper.getImageData(x, y, 1, 1).data].slice(0, 3);
  const head = new TextDecoder("latin1").decode(await file.slice(0, 4096).arrayBuffer());
  return {size: [bitmap.width, bitmap.height], type: file.type, name: file.name, exif: head.includes("Exif"),
    top: at(20, 20), bottom: at(20, bitmap.height - 20)};
}
"""
NO_WORKER = {
    "own thread": "self.decode = createImageBitmap; self.createImageBitmap = () => Promise.reject(new Error())",
    "no such thing": "delete self.Worker",
    "broken": "self.Worker = class extends EventTarget { constructor() { throw new Error() } }",
    "does not load": "self.Worker = class extends Worker { constructor() { super('/static/none.js') } }",
}


@pytest.mark.parametrize("how", NO_WORKER)
def test_a_sideways_photo_comes_out_upright_and_small(outbox_server, phone_on, tmp_path, how):
    """As a phone's camera writes it: the picture lies on its side and a note says how to turn it."""
    from PIL import Image

    picture = Image.new("RGB", (2400, 1800), (200, 0, 0))  # shown turned to the right: red above, blue below
    picture.paste((0, 0, 200), (1200, 0, 2400, 1800))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    page = phone_on(outbox_server.url)
    page.add_init_script(NO_WORKER[how])
    sign_in(page)
    page.goto(page.evaluate(A_FORM))
    page.locator("input[name=photos]").set_input_files(tmp_path / "turned.jpg")
    expect(page.locator("[data-photos] .shot img").first).to_be_visible()
    assert [each.url.endswith("/js/shrink-worker.js") for each in page.workers] == (
        [True] if how == "own thread" else []
    )
    found = page.evaluate(PIXELS)
    assert (found["size"], found["type"], found["name"], found["exif"]) == (
        [1200, 1600],
        "image/jpeg",
        "turned.jpg",
        False,
    )
    assert found["top"][0] > 150 and found["top"][2] < 60
    assert found["bottom"][2] > 150 and found["bottom"][0] < 60
