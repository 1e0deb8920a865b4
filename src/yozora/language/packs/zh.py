# ruff: noqa: E501 (tables: one thing a line)
"""Chinese, in simplified characters.

Nouns are name/measure word; places are without 在. Started from the Unicode CLDR names that the `emoji` package carries,
then corrected by hand.
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import ends, group_of, noun_phrase, plain_verb, where
from yozora.language.pack import (
    CaptionPlan,
    Grammar,
    Group,
    LanguagePack,
    Name,
    Pen,
    Phrases,
    SentenceRules,
    Table,
    Wording,
)

NOUNS: Final[Table] = {
    "person": "人/个|路人/个", "man": "男人/个|男子/名", "woman": "女人/个|女子/名|年轻女子/名", "boy": "男孩/个", "girl": "女孩/个",
    "child": "孩子/个|小孩/个|儿童/名", "old man": "老人/位|老爷爷/位", "old woman": "老太太/位|老奶奶/位", "cyclist": "骑车人/个|骑自行车的人/个",
    "superhero": "超级英雄/个", "mermaid": "美人鱼/条", "fairy": "仙女/个|小精灵/个", "cat": "猫/只|小猫/只", "dog": "狗/只|小狗/只",
    "golden retriever": "金毛犬/只|金毛寻回犬/只", "poodle": "贵宾犬/只", "horse": "马/匹", "sheep": "羊/只|绵羊/只", "cow": "奶牛/头|牛/头",
    "elephant": "大象/头|象/头", "bear": "熊/只", "zebra": "斑马/匹", "giraffe": "长颈鹿/只", "rabbit": "兔子/只|小兔子/只",
    "mouse": "老鼠/只|小老鼠/只", "rat": "耗子/只|大鼠/只", "ox": "公牛/头", "buffalo": "水牛/头", "bison": "野牛/头", "tiger": "老虎/只",
    "leopard": "豹子/只|猎豹/只", "lion": "狮子/头", "dragon": "龙/条", "crocodile": "鳄鱼/条", "snail": "蜗牛/只", "snake": "蛇/条",
    "ram": "公羊/只", "goat": "山羊/只", "monkey": "猴子/只", "pig": "猪/头", "camel": "骆驼/头", "squirrel": "松鼠/只", "fox": "狐狸/只",
    "wolf": "狼/只", "panda": "熊猫/只", "koala": "考拉/只", "raccoon": "浣熊/只", "deer": "鹿/只", "gorilla": "大猩猩/只", "rhinoceros": "犀牛/头",
    "hippopotamus": "河马/头", "kangaroo": "袋鼠/只", "llama": "羊驼/只", "hedgehog": "刺猬/只", "badger": "獾/只", "skunk": "臭鼬/只",
    "beaver": "海狸/只|河狸/只", "mammoth": "猛犸/头|猛犸象/头", "donkey": "驴/头|毛驴/头", "seal": "海豹/只", "dinosaur": "恐龙/只",
    "tyrannosaurus": "霸王龙/只", "turtle": "乌龟/只|海龟/只", "lizard": "蜥蜴/只", "frog": "青蛙/只", "crab": "螃蟹/只", "lobster": "龙虾/只",
    "scorpion": "蝎子/只", "spider": "蜘蛛/只", "ant": "蚂蚁/只", "caterpillar": "毛毛虫/条", "ladybug": "瓢虫/只", "bird": "鸟/只|小鸟/只",
    "seagull": "海鸥/只", "dove": "鸽子/只", "eagle": "老鹰/只|鹰/只", "duck": "鸭子/只", "goose": "鹅/只", "swan": "天鹅/只",
    "flamingo": "火烈鸟/只", "parrot": "鹦鹉/只", "owl": "猫头鹰/只", "peacock": "孔雀/只", "turkey": "火鸡/只", "rooster": "公鸡/只",
    "chicken": "鸡/只|母鸡/只", "chick": "小鸡/只", "penguin": "企鹅/只", "dodo": "渡渡鸟/只", "bat": "蝙蝠/只", "bee": "蜜蜂/只",
    "butterfly": "蝴蝶/只", "fish": "鱼/条", "tropical fish": "热带鱼/条", "pufferfish": "河豚/条", "shark": "鲨鱼/条", "dolphin": "海豚/只",
    "whale": "鲸鱼/头|鲸/头", "octopus": "章鱼/只", "jellyfish": "水母/只", "car": "汽车/辆|小汽车/辆|轿车/辆|车/辆", "suv": "越野车/辆",
    "taxi": "出租车/辆", "police car": "警车/辆", "racing car": "赛车/辆", "bus": "公交车/辆|巴士/辆|公共汽车/辆", "minibus": "小巴/辆|面包车/辆",
    "ambulance": "救护车/辆", "fire truck": "消防车/辆", "truck": "卡车/辆|货车/辆", "semi truck": "大货车/辆|拖挂卡车/辆", "pickup truck": "皮卡/辆",
    "tractor": "拖拉机/辆", "rickshaw": "三轮车/辆|嘟嘟车/辆", "bicycle": "自行车/辆|单车/辆", "motorcycle": "摩托车/辆",
    "scooter": "小摩托/辆|踏板车/辆", "kick scooter": "滑板车/辆", "skateboard": "滑板/块", "sled": "雪橇/架", "train": "火车/列|蒸汽火车/列",
    "high-speed train": "高速列车/列|高铁/列", "tram": "有轨电车/辆|电车/辆", "carousel horse": "旋转木马/匹", "boat": "船/艘|帆船/艘|小船/条",
    "speedboat": "快艇/艘", "motorboat": "摩托艇/艘|游艇/艘", "ship": "轮船/艘|大船/艘", "cruise ship": "邮轮/艘|客轮/艘", "ferry": "渡轮/艘",
    "canoe": "独木舟/条", "airplane": "飞机/架", "propeller plane": "小型飞机/架|螺旋桨飞机/架", "helicopter": "直升机/架", "rocket": "火箭/枚",
    "flying saucer": "飞碟/个", "parachute": "降落伞/个", "sports ball": "足球/个|球/个", "basketball": "篮球/个", "volleyball": "排球/个",
    "baseball": "棒球/个", "american football": "橄榄球/个", "ball": "台球/个", "frisbee": "飞盘/个", "yo-yo": "悠悠球/个", "balloon": "气球/个",
    "kite": "风筝/只", "house": "房子/座|房屋/座", "cottage": "小别墅/座|乡间小屋/座", "castle": "城堡/座", "church": "教堂/座",
    "mosque": "清真寺/座", "school": "学校/座", "hut": "茅屋/座|小屋/座", "tent": "帐篷/顶", "circus tent": "马戏团帐篷/顶",
    "ferris wheel": "摩天轮/座", "fountain": "喷泉/座", "statue": "雕像/座|自由女神像/座", "tower": "塔/座|铁塔/座", "slide": "滑梯/个",
    "rock": "岩石/块|石头/块", "tree": "树/棵|大树/棵", "fir tree": "松树/棵|冷杉/棵", "palm tree": "棕榈树/棵", "christmas tree": "圣诞树/棵",
    "cactus": "仙人掌/棵", "potted plant": "盆栽/盆|盆栽植物/盆", "leaf": "叶子/片|枫叶/片|树叶/片", "mushroom": "蘑菇/朵",
    "rose": "玫瑰/朵|玫瑰花/朵", "tulip": "郁金香/朵", "sunflower": "向日葵/朵", "flower": "花/朵|花朵/朵", "bouquet": "花束/束",
    "snowman": "雪人/个", "chair": "椅子/把", "couch": "沙发/张", "bed": "床/张", "toilet": "马桶/个", "bathtub": "浴缸/个", "door": "门/扇",
    "mirror": "镜子/面", "ladder": "梯子/架", "tv": "电视/台|电视机/台", "desktop computer": "电脑/台|台式电脑/台", "laptop": "笔记本电脑/台",
    "keyboard": "键盘/个", "cell phone": "手机/部", "radio": "收音机/台", "camera": "照相机/台|相机/台", "clock": "时钟/座|钟/座|座钟/座",
    "alarm clock": "闹钟/个", "watch": "手表/块", "vase": "花瓶/个", "lamp": "灯泡/个|灯/盏", "candle": "蜡烛/支", "flashlight": "手电筒/支",
    "lantern": "灯笼/个", "bell": "铃铛/个|钟铃/个", "key": "钥匙/把", "book": "书/本|书本/本", "box": "箱子/个|盒子/个", "gift": "礼物/份",
    "bucket": "水桶/个|桶/个", "basket": "篮子/个", "broom": "扫帚/把", "scissors": "剪刀/把", "toothbrush": "牙刷/支", "umbrella": "伞/把|雨伞/把",
    "backpack": "背包/个|书包/个", "handbag": "手提包/个", "suitcase": "行李箱/个|手提箱/个", "shopping cart": "购物车/辆", "tie": "领带/条",
    "dress": "连衣裙/条|裙子/条", "t-shirt": "T恤/件|短袖/件", "jeans": "牛仔裤/条", "shoe": "鞋子/只|运动鞋/只", "boot": "靴子/只",
    "scarf": "围巾/条", "gloves": "手套/副", "hat": "帽子/顶|礼帽/顶", "cap": "鸭舌帽/顶|棒球帽/顶", "crown": "皇冠/顶",
    "teddy bear": "泰迪熊/只|玩具熊/只", "robot": "机器人/个", "roller skate": "旱冰鞋/只", "skis": "滑雪板/副|雪板/副", "tennis racket": "网球拍/只",
    "boxing glove": "拳击手套/只", "trophy": "奖杯/个", "guitar": "吉他/把", "violin": "小提琴/把", "drum": "鼓/面", "trumpet": "小号/把",
    "star": "星星/颗", "diamond": "钻石/颗|宝石/颗", "anchor": "锚/个|船锚/个", "traffic light": "红绿灯/个|交通灯/个",
    "stop sign": "停车标志/个|停止标志/个", "fire extinguisher": "灭火器/个", "bottle": "瓶子/个|酒瓶/个", "wine glass": "酒杯/只|葡萄酒杯/只",
    "cup": "杯子/个|咖啡杯/个", "teapot": "茶壶/把", "glass of milk": "牛奶/杯", "fork": "叉子/把", "knife": "刀/把|菜刀/把",
    "spoon": "勺子/把|汤匙/把", "bowl": "碗/个", "banana": "香蕉/根", "apple": "苹果/个", "orange": "橙子/个|橘子/个", "lemon": "柠檬/个",
    "strawberry": "草莓/颗", "cherries": "樱桃/串", "grapes": "葡萄/串", "watermelon": "西瓜/块", "pineapple": "菠萝/个",
    "tomato": "西红柿/个|番茄/个", "eggplant": "茄子/个", "corn": "玉米/根", "broccoli": "西兰花/颗", "carrot": "胡萝卜/根",
    "pumpkin": "南瓜/个|南瓜灯/个", "sandwich": "三明治/个", "hot dog": "热狗/个", "hamburger": "汉堡/个|汉堡包/个", "pizza": "披萨/块|比萨/块",
    "bread": "面包/个", "croissant": "羊角面包/个|可颂/个", "cheese": "奶酪/块|芝士/块", "egg": "鸡蛋/个|蛋/个", "donut": "甜甜圈/个",
    "cake": "蛋糕/个|生日蛋糕/个", "cupcake": "纸杯蛋糕/个", "ice cream": "冰淇淋/个|冰激凌/个",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "红色|红", "green": "绿色|绿", "blue": "蓝色|蓝", "yellow": "黄色|黄", "orange": "橙色|橘色", "purple": "紫色|紫",
        "pink": "粉色|粉红色", "black": "黑色|黑", "white": "白色|白",
    },
    numbers={"1": "一", "2": "两", "3": "三", "4": "四"},
    verbs={
        "move": "移动", "play": "玩耍", "stand": "站着|站立", "stand:thing": "摆放着|静静地放着", "stand:plant": "矗立着|立着",
        "stand:vehicle": "停着", "stand:ball": "静静地放着", "stand:balloon": "飘着", "stand:aircraft": "停着", "stand:boat": "停泊着",
        "walk": "行走|走路|漫步", "run": "奔跑|跑步", "hop": "蹦跳|跳跃", "dance": "跳舞", "fly": "飞行|飞翔|飞", "fly:balloon": "飘动|飘浮",
        "drive": "行驶|开", "ride": "前行|行驶", "ride:person": "骑行", "sail": "航行", "swim": "游泳|游动", "roll": "滚动", "bounce": "弹跳",
        "rise": "上升|升起", "fall": "落下|下落",
    },
    directions={
        "left": "向左|往左|从右向左", "right": "向右|往右|从左向右", "towards": "朝镜头|向镜头", "away": "远离镜头|朝远处",
    },
    places={
        "park": "公园里|公园的草地上|公园中", "beach": "海滩上|沙滩上|海边", "city": "城市街道上|城市里|繁忙的街道上|热闹的城市里",
        "snow": "雪地里|雪原上|积雪的田野上", "desert": "沙漠里|沙漠中|沙丘间", "sea": "海上|大海上|海面上", "mountains": "山里|山间|群山前",
        "room": "房间里|客厅里|屋子里|室内",
    },
    through={},
    weather_in={
        "park": "{}的公园里", "beach": "{}的海滩上", "city": "{}的城市里|{}的街道上", "desert": "{}的沙漠里", "sea": "{}的海面上",
        "mountains": "{}的山里",
    },
    adjectives={"snow": "下雪", "rain": "下雨", "fog": "大雾"},
    stages={
        "park": "宁静的公园|安静的公园", "beach": "宁静的海滩|美丽的沙滩", "city": "城市街道|热闹的城市|安静的街道", "snow": "白雪覆盖的田野|雪原",
        "desert": "广阔的沙漠|沙丘起伏的沙漠", "sea": "平静的大海|辽阔的海面", "mountains": "雄伟的群山|山间风景", "room": "温馨的房间|客厅",
    },
    waves={"beach": "海浪轻轻拍打着沙滩|海浪轻拍", "sea": "海浪轻轻起伏|微波荡漾"},
    daytimes={"day": "白天", "sunset": "日落时分|傍晚|黄昏", "night": "夜晚|晚上|夜里"},
    weathers={
        "clear": "天气晴朗|晴空万里", "snow": "下着雪|雪花飘落|大雪纷飞", "rain": "下着雨|大雨倾盆|雨水落下", "leaves": "秋叶飘落|落叶纷飞",
        "fog": "大雾弥漫|雾气弥漫",
    },
    cameras={
        "static": "固定镜头|镜头静止", "pan left": "镜头向左平移|镜头左移", "pan right": "镜头向右平移|镜头右移", "tilt up": "镜头向上摇|镜头上摇",
        "tilt down": "镜头向下摇|镜头下摇", "zoom in": "镜头拉近|镜头推进", "zoom out": "镜头拉远|镜头后拉",
    },
    styles={
        "paper": "剪纸风格|纸偶剧场", "cartoon": "卡通风格|动画风格", "noir": "黑白电影|黑色电影风格|黑白画面", "vintage": "复古胶片|老电影风格",
        "watercolor": "水彩画|水彩风格", "pixel": "像素画|像素风格",
    },
    relations={
        "left of": "的左边|的左侧", "right of": "的右边|的右侧", "on top of": "的上面|上面", "behind": "的后面|后面", "in front of": "的前面|前面",
        "on the bottom of": "的下面|下面",
    },
    behind={"tree": "从树后面经过", "rock": "从岩石后面经过", "pillar": "从柱子后面经过"},
    views={"overhead": "在空中", "front": "正面视角|正视图"},
    glue="在 的 和 与 一起 正在 着 穿 穿着 衣服 裙子 身穿 一 几 一群 群 有 旁边 了 是 一个 这 那 一只 很 非常 大 小 视频 电影 场景 画面 里 上 中 时 "
    "时候 跟",
    small="也 都 还 慢慢 快速 地 快乐",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    return Name(one=fields[0], many=fields[0], measure=fields[1])


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "两辆红色的汽车"; people wear the colour."""
    name, color = group.name, ""
    if group.color:
        color = pen.word("colors", group.color)
        if group.human:
            color = pen.of("穿|穿着|身穿") + color + ("" if len(color) == 1 else "的" if pen.chance(0.3) else "")
            color += ("裙子" if group.woman else "衣服") + "的"
        elif len(color) == 1 and len(name.one) > 2:
            color += "色的"
        elif len(color) > 1 and pen.chance(0.6):
            color += "的"
    if group.count == 0:
        return pen.of(f"一群|几{name.measure}") + color + name.one
    return pen.pack.phrase("numbers", str(group.count)) + name.measure + color + name.one


def verb(plan: CaptionPlan, group: Group, pen: Pen, action: str, finite: bool) -> str:
    return plain_verb(plan, group, pen, action, False)


def sentence(plan: CaptionPlan, pen: Pen) -> str:
    """ "黄昏的公园里，一只红色的狗正在向左奔跑，镜头拉近"."""
    said, last = plan.said, ends(plan, pen)
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    if said.get("noun", "none") == "none":
        return "，".join(part for part in (time, *_stage(plan, pen), *last) if part)
    place, told = where(plan, pen)
    weather = pen.word("weathers", said["weather"]) if "weather" in said and not told else ""
    group = group_of(plan, pen)
    other = noun_phrase(group_of(plan, pen, "2"), pen) if "noun2" in said else ""
    beside = f"旁边有{other}" if other and not (plan.together or plan.playing or "relation" in said) else ""
    if place and pen.chance(0.3):
        head = f"{time}{'，' if told else '的'}{place}" if time else pen.of(f"{place}|在{place}")
        main = [head, weather, _who(plan, group, other, "", pen)]
    elif pen.chance(0.4):
        main = [time, weather, _who(plan, group, other, place, pen)]
    else:
        main = [_who(plan, group, other, place, pen), time, weather]
    return "，".join(part for part in (*main, beside, *last) if part)


def _stage(plan: CaptionPlan, pen: Pen) -> tuple[str, str, str]:
    """The place alone, its weather, its waves."""
    said = plan.said
    weather = pen.word("weathers", said["weather"]) if "weather" in said else ""
    place = pen.word("stages", said["place"]) if "place" in said else ""
    waves = pen.word("waves", said["place"]) if said.get("place") in ("beach", "sea") and pen.chance(0.6) else ""
    return place, weather, waves


def _who(plan: CaptionPlan, group: Group, other: str, place: str, pen: Pen) -> str:
    said = plan.said
    subject = noun_phrase(group, pen)
    at = f"在{place}" if place else ""
    if "relation" in said:
        relation = said["relation"]
        if relation == "on top of" and pen.chance(0.25):
            subject, other, relation = other, subject, "on the bottom of"
        main = f"{subject}在{other}{pen.word('relations', relation)}"
        return f"{main}，{at}" if at else main
    if plan.playing:
        return f"{subject}{at}{pen.of('和|与|跟')}{other}{pen.of('一起|')}{pen.word('verbs', 'play')}"
    if plan.together:
        subject += pen.of("和|与") + other
    if "action" not in said and "direction" not in said:
        return subject + at
    doing = verb(plan, group, pen, said.get("action", "move"), False)
    way = pen.word("directions", said["direction"]) if "direction" in said else ""
    if not way and said.get("action") == "fly" and not at:
        at = pen.word("views", "overhead")
    now = "正在" if said.get("action") != "stand" and pen.chance(0.4) else ""
    return subject + at + now + way + doing


CHINESE: Final = LanguagePack(
    key="zh",
    title="Chinese",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(write=sentence, noun_phrase=noun, verb=verb, comma="，", stop="。"),
    wording=Wording(
        synonyms=(
            ("noun", "child", "孩子", "宝宝|婴儿|小朋友|小孩子|小孩儿|娃娃|幼儿|少年|小家伙"),
            ("noun", "man", "男人", "男士|先生|大叔|叔叔|爸爸|帅哥|小伙子|男生"),
            ("noun", "woman", "女人", "女士|小姐|阿姨|妈妈|美女|姑娘|女生|妇女"), ("noun", "dog", "狗", "小狗狗|狗狗|犬|狗子|幼犬|哈士奇|柯基"),
            ("noun", "cat", "猫", "猫咪|小猫咪|喵星人|猫猫"), ("noun", "horse", "马", "马儿|骏马|小马"),
            ("noun", "rabbit", "兔子", "兔兔|小白兔|野兔|兔"), ("noun", "bird", "鸟", "鸟儿|~麻雀|~乌鸦|~燕子|~喜鹊"),
            ("noun", "fish", "鱼", "鱼儿|~金鱼|~鲤鱼"), ("noun", "car", "汽车", "车子|小车|跑车|轿跑"),
            ("noun", "bus", "公交车", "公车|大巴|校车|客车"), ("noun", "bicycle", "自行车", "脚踏车|山地车"),
            ("noun", "boat", "船", "船只|小舟|渔船|木船"), ("noun", "airplane", "飞机", "客机|大飞机|战斗机"),
            ("noun", "house", "房子", "屋宇|住宅|别墅|小房子|木屋"), ("noun", "tree", "树", "树木|小树|~柳树|~橡树"),
            ("noun", "sports ball", "球", "皮球|小球"), ("noun", "chair", "椅子", "~凳子|~板凳"), ("color", "red", "红色", "大红色|深红色|鲜红|绯红"),
            ("color", "blue", "蓝色", "天蓝色|深蓝色|湛蓝"), ("color", "green", "绿色", "翠绿|翠绿色|碧绿"),
            ("color", "yellow", "黄色", "金色|金黄色|金黄"), ("color", "purple", "紫色", "淡紫色|紫罗兰色"),
            ("color", "white", "白色", "雪白|洁白|~银色"), ("color", "black", "黑色", "漆黑色|乌黑"),
            ("action", "stand", "~站着", "睡觉|睡着|坐着|躺着|休息|坐下|趴着|坐"), ("action", "walk", "走路", "散步|步行|行进|溜达"),
            ("action", "run", "奔跑", "慢跑|跑|飞奔|狂奔|小跑|跑着|奔驰"), ("action", "hop", "跳跃", "跳|蹦|跳着|蹦跶"),
            ("action", "dance", "跳舞", "舞蹈|起舞|跳着舞"), ("action", "fly", "飞翔", "翱翔|飞着|滑翔"), ("action", "swim", "游泳", "游着|游来游去"),
            ("place", "park", "公园里", "花园里|草坪上|草地上|~森林里|~树林里|~农场里"), ("place", "beach", "海滩上", "海岸上|海岸边|岸边"),
            ("place", "city", "城市街道上", "马路上|公路上|大街上|街上|街头|镇上|村子里|路上"), ("place", "snow", "雪地里", "雪中|冰天雪地里"),
            ("place", "sea", "海上", "~湖上|~河里|~湖里|水里|水面上|水上"), ("place", "mountains", "山里", "山上|山坡上|高山上"),
            ("place", "room", "~房间里", "厨房里|卧室里|办公室里|教室里|家里"),
            ("daytime", "sunset", "日落时分", "夕阳下|夕阳西下|~黎明|~清晨|~日出|~日出时分"),
            ("daytime", "night", "夜晚", "深夜|半夜|午夜|夜间|月光下"), ("daytime", "day", "白天", "早上|中午|上午|下午|早晨"),
            ("weather", "clear", "+天气晴朗", "阳光明媚|晴天|阳光灿烂|晴朗"), ("weather", "rain", "+下着雨", "雨中|雨天|暴雨|雷雨"),
            ("weather", "snow", "+下着雪", "下大雪|雪天|暴风雪"), ("weather", "fog", "+大雾弥漫", "雾中|雾天|起雾"),
            ("camera", "zoom in", "+镜头拉近", "特写推进|镜头放大"), ("style", "cartoon", "+卡通风格", "动漫风格|漫画风格|动漫"),
            ("style", "noir", "+黑白电影", "单色画面|黑白照片"), ("style", "vintage", "+复古胶片", "怀旧风格|复古风格"),
            ("style", "watercolor", "+水彩画", "水彩|水墨画"), ("count", "2", "两", "2|俩"), ("count", "3", "三", "3|仨"), ("count", "4", "四", "4"),
        ),
        dropped="只有|只是|仅有|仅仅|只",
        unknown_places="月球上|月亮上|火星上|太空中|太空里|太空|月球|火星|体育场|机场|博物馆|医院|超市|火车站|山洞|水下|桥上",
        many="五|六|七|八|九|十|二十|几十|一百|数百|百",
        links="的",
        inside="里上中",
        before_measures="一两三四这那",
        measures="只个名位条头匹辆架艘把本座棵朵件块张台部盏支枚顶列",
        large_numbers=r"(?<![一二两三四])(?P<words>[五六七八九十百千]+|几十|数百)",
        negated=r"(?:没有任何|没有|(?<![淹沉埋])没|不要有|不要|不带|不含|禁止|无(?![数尽边限比人云聊敌])|(?<![特分区个])别(?![墅的致]))"
        r"(?P<what>[^，。；、,.;!?！？\s在只但的]{1,12})的?",
    ),
    sentences=SentenceRules(
        labels=r"场景|镜头",
        cut=r"(?:然后)?(?:镜头|画面)?(?:切换|跳转|切|转)(?:到|至)",
        flow=r"(?:紧接着|然后|接着|随后|接下来)",
        determiners=r"[一二两三四五六七八九十几许很这那另]",
        settings="在|里|上|中|下|边|到|前|后|旁|海|公园|城|街|沙漠|山|房|室|林|天",
        asides=("正在",),
        placed="在{setting}，{text}",
    ),
    script=r"\u3400-\u9fff",
    shared_script=r"\u3400-\u9fff",
    spaced=False,
)  # fmt: skip
