"""Write a roster of invented firms as an office would send it: python benchmarks/firms_roster.py FILE.xlsx [ROWS]

Names, codes and numbers are made up; the figures in docs/running.md were taken with 135,000 rows.
"""

import random
import sys
from pathlib import Path

import xlsxwriter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.firms.credit_code import check_character

HEADINGS = "序号 企业名称 统一社会信用代码 区县 乡镇街道 地址 行业 规模 联系人 联系电话 企业现状".split()
DISTRICTS = "新华区 卫东区 湛河区 石龙区 宝丰县 叶县 鲁山县 郏县 舞钢市 汝州市".split()
LETTERS = "宏盛通达华远恒信德润金泰鑫源博众永兴瑞祥丰硕天成佳禾"
TRADES = "商贸 机械制造 建材 食品 物流 科技 农业开发 装饰工程 医疗器械 纺织".split()


def main(path: str, rows: int) -> None:
    """Write the file."""
    chance = random.Random(1)
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("企业名册")
    sheet.write_row(0, 0, HEADINGS)
    for nth in range(1, rows + 1):
        word = "".join(chance.choice(LETTERS) for _letter in range(4))
        body = f"91410400{nth:09d}"
        sheet.write_row(
            nth,
            0,
            [
                nth,
                f"平顶山市{word}{chance.choice(TRADES)}有限公司第{nth}分公司",
                body + check_character(body),
                chance.choice(DISTRICTS),
                "",
                f"建设路{nth}号院{nth % 40}号楼",
                ("工业", "服务业")[nth % 2],
                "小微",
                "联系人甲",
                f"138{nth:08d}",
                "正常经营",
            ],
        )
    book.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 135_000)
