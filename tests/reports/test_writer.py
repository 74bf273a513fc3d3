"""A bulletin as an office opens it: LibreOffice Writer turns it into pages, without a word lost."""

import shutil
import subprocess
from datetime import timedelta

import pytest

from app import clock
from tests import factories as make

SOFFICE, PDFTOTEXT = shutil.which("soffice"), shutil.which("pdftotext")


@pytest.mark.skipif(not (SOFFICE and PDFTOTEXT), reason="LibreOffice or poppler is not installed")
def test_a_bulletin_opens_in_libreoffice(page, db, tmp_path):
    make.make_visit(db)
    make.make_issue(db, status="closed")
    office = page("office")
    form = office.get("/reports/bulletins/").one("form[action=/reports/bulletins/]")
    today = clock.today()
    days = {"from": (today - timedelta(days=20)).isoformat(), "to": today.isoformat()}
    url = office.post(form.get("action"), days).headers["Location"]
    paper = tmp_path / "bulletin.docx"
    paper.write_bytes(office.get(f"{url}.docx").data)
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [SOFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(paper)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = subprocess.run([PDFTOTEXT, "-layout", str(tmp_path / "bulletin.pdf"), "-"], check=True, capture_output=True)
    text = pages.stdout.decode().replace(" ", "")
    for words in ("市优化营商环境工作办公室", "一、总体情况", "新华区", "国网平顶山供电公司", "印发", "—1—"):
        assert words in text
    # Two tables of a city with one issue: what is on more pages than this has lost its column widths.
    assert 2 <= text.count("\f") <= 4
