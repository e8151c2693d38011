"""Names of other places: a question about one of them is not about this policy."""

from __future__ import annotations

import re

_PROVINCES = (
    "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 "
    "内蒙古 广西 西藏 宁夏 新疆 香港 澳门 北京 天津 上海 重庆"
)
_CITIES = (
    "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 南阳 商丘 信阳 周口 驻马店 济源 巩义 兰考 汝州 滑县 邓州 永城 "
    "固始 鹿邑 新蔡 洛宁 新安县 宜阳 栾川 偃师 孟津 运城 平陆 芮城 临汾 渭南 潼关 华阴 商洛 洛南 西安 咸阳 宝鸡 太原 大同 "
    "石家庄 唐山 保定 邯郸 雄安 济南 青岛 烟台 潍坊 临沂 菏泽 南京 苏州 无锡 常州 徐州 扬州 南通 杭州 宁波 温州 嘉兴 绍兴 金华 "
    "义乌 合肥 芜湖 蚌埠 阜阳 亳州 福州 厦门 泉州 南昌 赣州 九江 武汉 襄阳 十堰 宜昌 荆州 长沙 株洲 岳阳 广州 深圳 珠海 东莞 "
    "佛山 惠州 中山市 南宁 桂林 柳州 海口 三亚 成都 绵阳 宜宾 贵阳 遵义 昆明 大理 丽江 拉萨 兰州 天水 西宁 银川 乌鲁木齐 沈阳 "
    "大连 长春 哈尔滨 大庆 呼和浩特 包头 鄂尔多斯 浦东 朝阳区 海淀 纽约 伦敦 东京 新加坡 美国 日本 英国 韩国"
)
_ELSEWHERE = re.compile("|".join(sorted((_PROVINCES + " " + _CITIES).split(), key=len, reverse=True)))


def elsewhere(text: str) -> str:
    """Return the first other place that a normalised text names, or nothing."""
    match = _ELSEWHERE.search(text)
    return match[0] if match else ""
