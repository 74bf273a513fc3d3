"""Invented firms for the demo: names, trades, addresses, and labels where a person's name would stand.

Every name is made up: two rare characters put together, a trade and a suffix. People are never named: officers,
handlers and contacts carry labels or job titles. Telephone numbers are made up too: 1990000 and four digits.
"""

from collections.abc import Collection
from random import Random

from app.demo.texts_base import ROADS, Trade

BRAND_HEADS = "砚柘栎榉翎汀岑澍珩骊鹭岫檐棹荻垣湄渚穗椴砾鸢隽溯沅桓暄昱煦翊霁稷粟坞峦崤楸槿蘅芷菡苇蓼筠箬磊"
BRAND_TAILS = "帆垄仞屿舟磐坪原壤砺锚穹橹匠序朗墨栈铎谷篱枢图衡圃辰牧岭畦阡弦甸陌埂廊筑阙辙恒岸钧锦陶禾汛野渡檀"
BRAND_MIDDLES = "之方上中里与"

# Of a hundred firms, 77 are industrial, 18 services, 8 farming and 3 construction (a county's own count).
INDUSTRY_WEIGHTS = {"工业": 77, "服务业": 18, "农业": 8, "建筑业": 3}

FIRM_TRADES: tuple[Trade, ...] = (
    Trade("工业", "机械制造", "减速机", "钢材", "数控车床", "车工"),
    Trade("工业", "机械配件", "矿用托辊", "钢管", "焊接机器人", "焊工"),
    Trade("工业", "电气", "配电柜", "铜排", "折弯机", "电气装配工"),
    Trade("工业", "电缆", "电力电缆", "电解铜", "拉丝机", "挤塑工"),
    Trade("工业", "新材料", "尼龙切片", "己内酰胺", "聚合反应釜", "化工操作工"),
    Trade("工业", "尼龙制品", "尼龙帘子布", "工业丝", "捻线机", "挡车工"),
    Trade("工业", "塑业", "塑料管件", "聚乙烯颗粒", "注塑机", "注塑工"),
    Trade("工业", "包装", "瓦楞纸箱", "原纸", "印刷开槽机", "操作工"),
    Trade("工业", "食品", "速冻面点", "面粉", "速冻隧道", "面点工"),
    Trade("工业", "调味品", "酱料", "大豆", "灌装线", "包装工"),
    Trade("工业", "粮油", "小麦粉", "小麦", "磨粉机组", "制粉工"),
    Trade("工业", "肉制品", "酱卤肉", "冷鲜肉", "杀菌釜", "分割工"),
    Trade("工业", "饮料", "果汁饮料", "浓缩果浆", "吹瓶机", "灌装工"),
    Trade("工业", "陶瓷", "日用陶瓷", "高岭土", "梭式窑", "成型工"),
    Trade("工业", "建材", "加气砌块", "粉煤灰", "蒸压釜", "操作工"),
    Trade("工业", "水泥制品", "预制管桩", "水泥", "搅拌机", "模具工"),
    Trade("工业", "耐火材料", "耐火砖", "铝矾土", "隧道窑", "烧成工"),
    Trade("工业", "碳素制品", "石墨电极", "石油焦", "焙烧炉", "炉前工"),
    Trade("工业", "铸造", "铸铁件", "生铁", "中频电炉", "铸造工"),
    Trade("工业", "锻造", "法兰锻件", "圆钢", "锻压机", "锻工"),
    Trade("工业", "钢结构", "钢结构构件", "型钢", "抛丸机", "铆工"),
    Trade("工业", "汽车零部件", "制动盘", "灰口铸铁", "加工中心", "数控操作工"),
    Trade("工业", "纺织", "棉纱", "皮棉", "细纱机", "挡车工"),
    Trade("工业", "服饰", "工装", "面料", "自动裁床", "缝纫工"),
    Trade("工业", "鞋业", "劳保鞋", "牛皮革", "成型流水线", "针车工"),
    Trade("工业", "家具", "板式家具", "刨花板", "封边机", "木工"),
    Trade("工业", "化工", "涂料助剂", "工业酒精", "反应釜", "化工操作工"),
    Trade("工业", "医药", "中药饮片", "中药材", "干燥箱", "炮制工"),
    Trade("工业", "医疗器械", "医用敷料", "无纺布", "灭菌柜", "质检员"),
    Trade("工业", "电子科技", "电源适配器", "电子元件", "贴片机", "贴片操作工"),
    Trade("工业", "光电", "灯具", "铝型材", "点胶机", "装配工"),
    Trade("工业", "环保设备", "除尘设备", "滤料", "卷板机", "冷作工"),
    Trade("工业", "再生资源", "再生塑料粒", "废旧塑料", "破碎清洗线", "分拣工"),
    Trade("工业", "仪器仪表", "压力变送器", "不锈钢棒", "精雕机", "调试员"),
    Trade("工业", "盐化工", "工业盐", "卤水", "蒸发结晶器", "巡检工"),
    Trade("工业", "铜铸工艺", "铜工艺品", "黄铜", "熔炼炉", "錾刻工"),
    Trade("服务业", "物流", "日用百货", "柴油", "装卸叉车", "货车驾驶员"),
    Trade("服务业", "商贸", "日用百货", "百货货源", "冷柜", "导购员"),
    Trade("服务业", "餐饮管理", "餐品", "食材", "油烟净化器", "厨师"),
    Trade("服务业", "酒店管理", "客房餐饮", "布草", "中央空调", "客房服务员"),
    Trade("服务业", "电子商务", "土特产", "包装材料", "打包机", "客服"),
    Trade("服务业", "汽车服务", "汽车配件", "机油", "举升机", "机修工"),
    Trade("服务业", "物业服务", "物业服务", "保洁用品", "水泵", "保安"),
    Trade("服务业", "家政服务", "家政服务", "保洁用品", "洗地机", "家政员"),
    Trade("服务业", "信息技术", "软件产品", "服务器", "机房空调", "程序员"),
    Trade("服务业", "仓储服务", "仓储货物", "托盘", "冷库机组", "仓管员"),
    Trade("服务业", "广告传媒", "广告标识", "亚克力板", "喷绘机", "设计师"),
    Trade("服务业", "文化旅游", "文创产品", "文创原料", "观光车", "讲解员"),
    Trade("农业", "种植专业合作社", "红薯", "种苗", "烘干机", "采收工"),
    Trade("农业", "果蔬种植专业合作社", "鲜桃", "有机肥", "冷库机组", "采摘工"),
    Trade("农业", "食用菌专业合作社", "香菇", "菌棒", "灭菌锅炉", "采菇工"),
    Trade("农业", "养殖专业合作社", "肉羊", "饲草", "饲料搅拌机", "饲养员"),
    Trade("农业", "农业开发有限公司", "蓝莓", "基质土", "水肥一体机", "技术员"),
    Trade("农业", "牧业有限公司", "肉牛", "青贮饲料", "自动喂料机", "饲养员"),
    Trade("农业", "家庭农场", "鲜食玉米", "种子", "烘干机", "机手"),
    Trade("农业", "中药材种植专业合作社", "丹参", "种苗", "切片机", "采挖工"),
    Trade("建筑业", "建筑工程", "房建工程", "商品混凝土", "塔吊", "钢筋工"),
    Trade("建筑业", "市政工程", "市政工程", "沥青混合料", "压路机", "摊铺工"),
    Trade("建筑业", "装饰工程", "装修工程", "石材板材", "切割机", "瓦工"),
    Trade("建筑业", "园林绿化工程", "绿化工程", "苗木", "洒水车", "绿化工"),
)
SUFFIXES = {"工业": ("有限公司",) * 8 + ("厂",), "服务业": ("有限公司",) * 9 + ("中心",), "建筑业": ("有限公司",)}

CONTACT_TITLES = ("厂长", "办公室主任", "财务负责人", "行政经理", "生产负责人", "总经理", "法定代表人", "综合部负责人",
                  "销售负责人", "安全负责人", "合作社理事长", "店长")  # fmt: skip
SIZES = {"四上": 22, "小微": 78}
STATES = {"正常": 90, "停产": 5, "失联": 3, "搬迁": 2}

PLACES = (
    "产业集聚区{road}南侧", "产业集聚区{road}北侧", "{road}路口东北侧", "先进制造业开发区{road}西侧",
    "小微企业园{n}区", "标准化厂房{n}区", "{road}中段路东", "{road}东侧", "工业园区内{road}旁",
)  # fmt: skip
FARM_PLACES = ("村部东侧", "村南大棚区", "村北养殖小区", "现代农业产业园内", "高标准农田示范区东侧", "水库下游南岸")
SHOP_PLACES = ("{road}沿街", "商贸物流园{n}区", "{road}市场内", "客运站西侧", "{road}商业街东段")


def pick_industry(rng: Random) -> str:
    """An industry by its share among the firms."""
    return rng.choices(list(INDUSTRY_WEIGHTS), list(INDUSTRY_WEIGHTS.values()))[0]


def pick_trade(rng: Random, industry: str = "") -> Trade:
    """A trade of the industry; without one, in the proportions of a real county."""
    industry = industry or pick_industry(rng)
    return rng.choice([trade for trade in FIRM_TRADES if trade.industry == industry])


def brand(rng: Random) -> str:
    """Two or three characters that no firm is known to use."""
    middle = rng.choice(BRAND_MIDDLES) if rng.random() < 0.12 else ""
    return rng.choice(BRAND_HEADS) + middle + rng.choice(BRAND_TAILS)


def firm_name(rng: Random, taken: Collection[str], district_short: str, trade: Trade) -> str:
    """A full name not in ``taken`` (which the caller extends). Farms begin with their place, as real ones do."""
    while True:
        word = brand(rng)
        if trade.industry == "农业":
            name = f"{district_short}{word}{trade.word}"
        else:
            front = rng.choice(("平顶山市", "平顶山", "河南", district_short, district_short))
            name = f"{front}{word}{trade.word}{rng.choice(SUFFIXES[trade.industry])}"
        if name not in taken:
            return name


def trade_of(name: str) -> Trade | None:
    """The trade a firm's name speaks of; the longest word wins."""
    found = [trade for trade in FIRM_TRADES if trade.word in name]
    return max(found, key=lambda trade: len(trade.word), default=None)


def address(rng: Random, township: str, industry: str = "工业") -> str:
    """A place without a house number, good enough to be read and of no real building."""
    places = {"农业": FARM_PLACES, "服务业": SHOP_PLACES}.get(industry, PLACES)
    return township + rng.choice(places).format(road=rng.choice(ROADS), n=rng.randint(1, 9))


def phone(rng: Random) -> str:
    """A made-up number of the right length; never call it."""
    return f"1990000{rng.randint(0, 9999):04d}"


def officer_label(district_short: str, number: int) -> str:
    """An officer's name on screen: a label, never a person's name."""
    return f"首席服务官 {district_short}{number:03d}"


def handler_label(department_short: str, number: int) -> str:
    """A handler's name on screen: a label, never a person's name."""
    return f"经办人 {department_short}{number:02d}"


def staff_label(role_title: str, district_short: str = "", number: int = 1) -> str:
    """``staff_label("营商办值班员", "湛河", 2)`` is 营商办值班员 湛河02."""
    return f"{role_title} {district_short}{number:02d}"
