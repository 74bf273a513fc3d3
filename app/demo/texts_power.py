"""More problems with electricity: the demo's handler works at the power company and should not read one thing twice."""

from datetime import date
from random import Random

from app.demo.texts_base import Filler, Template, Trade
from app.demo.texts_issues import Reported

CATEGORY = 4
_DEPARTMENT = 39

_TEMPLATES = (
    Template(
        "新装{kva}千伏安专变迟迟未送电",
        "企业新装{kva}千伏安专变，外线和设备{ago}已完工，验收也过了，一直没有排上送电计划，{machine}装好了不能试车。",
        "核对验收资料，调整停电计划，{date}完成接火送电。",
        "专变已于{date}接火送电，设备试运行正常。用电检查人员的联系方式已留在现场。",
        _DEPARTMENT,
    ),
    Template(
        "厂区门口电杆挡住货车转弯",
        "厂门口一根10千伏电杆正好在转弯处，大货车进出要倒{n}次，{ago}还擦碰过一次，希望移一移。",
        "现场勘测，电杆属公用线路，制定迁移方案并办理路面开挖手续。",
        "电杆已向外迁移{m}米，货车可一次转弯进厂，原杆位路面已恢复。",
        _DEPARTMENT,
    ),
    Template(
        "分布式光伏并网申请没有回音",
        "企业在厂房屋顶装了光伏，容量{kva}千瓦，{ago}提交并网申请，材料补过{n}次，一直没有接到验收通知。",
        "核对接入方案，安排并网验收，更换双向计量表。",
        "接入方案已批复，双向电表已更换，验收合格并网。上网电量按月结算，查询方式已当面讲清。",
        _DEPARTMENT,
    ),
    Template(
        "线路老化，雷雨天经常跳闸",
        "园区这条线路年头长，一到刮风下雨就跳，{since}跳了{m}次，每次{machine}重新启动要{n}小时，{material}报废不少。",
        "巡线发现树障和{n}处绝缘子破损，已修剪树木、更换绝缘子，并列入线路改造。",
        "树障已清理，破损绝缘子已更换，近期未再跳闸。整条线路改造已列入计划，过渡期加密巡视。",
        _DEPARTMENT,
        outcome="partly",
    ),
    Template(
        "计划停电通知太晚，来不及安排生产",
        "{ago}停电检修，前一天晚上才接到短信，{people}名工人到岗干等。希望提前几天通知，最好能避开赶货的日子。",
        "核对停电通知流程，把企业加入重点客户名单，提前七天通知。",
        "已将贵企业列入重点客户名单，今后计划停电提前七天书面通知并电话确认，检修尽量安排在周末。",
        _DEPARTMENT,
        kind="advice",
        outcome="explained",
    ),
    Template(
        "电费账单比上月多出{pct}%，想核对",
        "企业产量没变，{month}电费多了{pct}%，账单上的力调和基本电费看不懂，想请人上门对一次表、讲清楚。",
        "现场核对表计，走字无误，电费增加因功率因数偏低，讲解无功补偿办法。",
        "表计准确。电费增加是因为功率因数低于标准，加装无功补偿后可恢复。补偿柜选型建议已发企业。",
        _DEPARTMENT,
        kind="consultation",
        outcome="explained",
    ),
    Template(
        "变压器暂停手续怎么办",
        "淡季产量小，两台变压器只用一台，想暂停一台省基本电费，不知道要提前几天报、一年能停几次。",
        "说明暂停规则，当场受理申请，次日执行。",
        "已受理暂停一台变压器的申请。暂停须提前五个工作日申请，每次不少于十五天，恢复时在线提交即可。",
        _DEPARTMENT,
        kind="consultation",
        outcome="explained",
    ),
    Template(
        "路边施工挖断电缆，恢复供电太慢",
        "{ago}路边施工挖断电缆，停了{hours}小时，冷库里{tons}吨货差点坏掉。临时发电费用{n}万元，找谁认也说不清。",
        "抢修复电，固定施工现场证据，组织施工单位与企业协商赔偿。",
        "供电已恢复，电缆路径已加装警示桩。经协调，施工单位同意承担发电费用，协议已签。",
        _DEPARTMENT,
        kind="complaint",
    ),
    Template(
        "充电桩报装被告知容量不够",
        "企业想在停车场装{m}台充电桩，给电动货车用，报装时说台区容量不够，增容要自己出钱，想问有没有别的办法。",
        "测算台区负荷，安排从相邻台区接入，外线由供电企业投资。",
        "经测算可从相邻台区接入，表前线路由供电企业投资，报装已受理，预计{due}前送电。",
        _DEPARTMENT,
    ),
    Template(
        "邻厂大设备一启动，我厂电压就掉",
        "隔壁厂{since}上了大设备，他家一启动，我厂{machine}就报警停机，一天{m}回，双方协商过{n}次没有结果。",
        "加装监测仪，确认邻厂冲击负荷超标，督促其加装软启动装置，并调整供电线路。",
        "监测确认系邻厂冲击负荷所致，对方已加装软启动装置，贵企业改由另一条出线供电，电压合格。",
        _DEPARTMENT,
        kind="complaint",
    ),
)
_OPENINGS = ("", "", "走访时企业反映，", "现场查看了解到，", "企业负责人反映，")


def power_problem(rng: Random, on: date, trade: Trade, number: int) -> Reported:
    """The problem of this number (they repeat after ten), as a firm of this trade would have it."""
    template = _TEMPLATES[number % len(_TEMPLATES)]
    filler = Filler(rng, on, trade)
    description = rng.choice(_OPENINGS) + filler.fill(template.description)
    title = filler.fill(template.title)
    return Reported(CATEGORY, template, title, description, template.kind, template.urgency, _DEPARTMENT, on, filler)
