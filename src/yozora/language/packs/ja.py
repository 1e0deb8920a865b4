# ruff: noqa: E501 (tables: one thing a line)
"""Japanese.

Nouns are name/counter. Started from the names of Unicode CLDR annotations (Unicode licence v3), then corrected by hand.
Colours are written as they stand before a noun; verbs are the form that ends a sentence, which stands before a noun too;
places are without で.
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import ON_THE_WAY, ends, group_of, noun_phrase, verb_forms
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
    "person": "人/人|人物/人", "man": "男性/人|男の人/人", "woman": "女性/人|女の人/人|若い女性/人", "boy": "男の子/人|少年/人",
    "girl": "女の子/人|少女/人", "child": "子供/人|子ども/人", "old man": "おじいさん/人|老人/人", "old woman": "おばあさん/人|老婦人/人",
    "cyclist": "自転車に乗る人/人|サイクリスト/人", "superhero": "スーパーヒーロー/人", "mermaid": "マーメイド/人|人魚/人", "fairy": "妖精/人",
    "cat": "猫/匹|ネコ/匹|子猫/匹", "dog": "犬/匹|イヌ/匹|子犬/匹", "golden retriever": "ゴールデンレトリバー/匹|レトリバー/匹",
    "poodle": "プードル/匹", "horse": "馬/頭|ウマ/頭|ポニー/頭", "sheep": "羊/匹|ヒツジ/匹", "cow": "牝牛/頭|乳牛/頭", "elephant": "象/頭|ゾウ/頭",
    "bear": "熊/頭|クマ/頭", "zebra": "シマウマ/頭", "giraffe": "キリン/頭", "rabbit": "ウサギ/羽|うさぎ/羽",
    "mouse": "ハツカネズミ/匹|小さなネズミ/匹", "rat": "ネズミ/匹|ドブネズミ/匹", "ox": "牡牛/頭|雄牛/頭", "buffalo": "水牛/頭",
    "bison": "バイソン/頭", "tiger": "虎/頭|トラ/頭", "leopard": "ヒョウ/頭|チーター/頭", "lion": "ライオン/頭", "dragon": "ドラゴン/頭|竜/頭",
    "crocodile": "ワニ/匹", "snail": "かたつむり/匹|カタツムリ/匹", "snake": "蛇/匹|ヘビ/匹", "ram": "牡羊/匹|雄羊/匹", "goat": "山羊/匹|ヤギ/匹",
    "monkey": "猿/匹|サル/匹", "pig": "豚/頭|ブタ/頭", "camel": "ラクダ/頭", "squirrel": "リス/匹", "fox": "キツネ/匹|狐/匹",
    "wolf": "オオカミ/匹|狼/匹", "panda": "パンダ/頭", "koala": "コアラ/匹", "raccoon": "アライグマ/匹", "deer": "鹿/頭|シカ/頭",
    "gorilla": "ゴリラ/頭", "rhinoceros": "サイ/頭", "hippopotamus": "カバ/頭", "kangaroo": "カンガルー/頭", "llama": "ラマ/頭|アルパカ/頭",
    "hedgehog": "ハリネズミ/匹", "badger": "アナグマ/匹", "skunk": "スカンク/匹", "beaver": "ビーバー/匹", "mammoth": "マンモス/頭",
    "donkey": "ロバ/頭", "seal": "アザラシ/頭", "dinosaur": "恐竜/頭|草食恐竜/頭", "tyrannosaurus": "ティラノサウルス/頭", "turtle": "亀/匹|カメ/匹",
    "lizard": "トカゲ/匹|ヤモリ/匹", "frog": "カエル/匹|蛙/匹", "crab": "カニ/匹|蟹/匹", "lobster": "ロブスター/匹|ザリガニ/匹",
    "scorpion": "サソリ/匹", "spider": "クモ/匹|蜘蛛/匹", "ant": "アリ/匹|蟻/匹", "caterpillar": "毛虫/匹|イモムシ/匹",
    "ladybug": "テントウムシ/匹|てんとう虫/匹", "bird": "鳥/羽|小鳥/羽", "seagull": "カモメ/羽", "dove": "鳩/羽|ハト/羽",
    "eagle": "鷲/羽|ワシ/羽|鷹/羽", "duck": "鴨/羽|カモ/羽|アヒル/羽", "goose": "ガチョウ/羽", "swan": "白鳥/羽", "flamingo": "フラミンゴ/羽",
    "parrot": "オウム/羽|インコ/羽", "owl": "フクロウ/羽", "peacock": "孔雀/羽|クジャク/羽", "turkey": "七面鳥/羽", "rooster": "おんどり/羽|雄鶏/羽",
    "chicken": "にわとり/羽|鶏/羽|めんどり/羽", "chick": "ひよこ/羽|ヒヨコ/羽", "penguin": "ペンギン/羽", "dodo": "ドードー/羽", "bat": "コウモリ/匹",
    "bee": "ミツバチ/匹|蜂/匹", "butterfly": "蝶/匹|チョウ/匹|蝶々/匹", "fish": "魚/匹", "tropical fish": "熱帯魚/匹", "pufferfish": "フグ/匹",
    "shark": "サメ/匹|鮫/匹", "dolphin": "イルカ/頭", "whale": "クジラ/頭|鯨/頭", "octopus": "タコ/匹|蛸/匹", "jellyfish": "クラゲ/匹",
    "car": "車/台|自動車/台|乗用車/台", "suv": "アールブイ車/台|ジープ/台", "taxi": "タクシー/台", "police car": "パトカー/台",
    "racing car": "レーシングカー/台|レースカー/台", "bus": "バス/台", "minibus": "マイクロバス/台|ワゴン車/台", "ambulance": "救急車/台",
    "fire truck": "消防車/台", "truck": "トラック/台", "semi truck": "トレーラー/台|大型トラック/台",
    "pickup truck": "軽トラック/台|ピックアップトラック/台", "tractor": "トラクター/台", "rickshaw": "三輪タクシー/台|人力車/台",
    "bicycle": "自転車/台", "motorcycle": "オートバイ/台|バイク/台", "scooter": "スクーター/台", "kick scooter": "キックボード/台",
    "skateboard": "スケートボード/台|スケボー/台", "sled": "そり/台", "train": "電車/台|蒸気機関車/台|列車/台|汽車/台",
    "high-speed train": "新幹線/台|高速鉄道/台", "tram": "路面電車/台", "carousel horse": "メリーゴーランドの馬/頭|回転木馬/頭",
    "boat": "ヨット/隻|小船/隻|帆船/隻|ボート/隻", "speedboat": "スピードボート/隻|高速艇/隻", "motorboat": "モーターボート/隻|クルーザー/隻",
    "ship": "船/隻|汽船/隻", "cruise ship": "客船/隻|クルーズ船/隻", "ferry": "フェリー/隻", "canoe": "カヌー/隻", "airplane": "飛行機/機|旅客機/機",
    "propeller plane": "小型飛行機/機|プロペラ機/機", "helicopter": "ヘリコプター/機", "rocket": "ロケット/機|宇宙船/機",
    "flying saucer": "空飛ぶ円盤/機|ユーフォー/機", "parachute": "パラシュート/個", "sports ball": "サッカーボール/個|ボール/個",
    "basketball": "バスケットボール/個", "volleyball": "バレーボール/個", "baseball": "野球ボール/個|野球の球/個",
    "american football": "アメフトのボール/個|ラグビーボール/個", "ball": "ビリヤードの球/個|ビリヤードボール/個", "frisbee": "フリスビー/個",
    "yo-yo": "ヨーヨー/個", "balloon": "風船/個", "kite": "凧/枚|たこ揚げの凧/枚", "house": "家/軒|住宅/軒", "cottage": "庭付きの家/軒|田舎家/軒",
    "castle": "西洋の城/棟|お城/棟", "church": "教会/棟", "mosque": "モスク/棟", "school": "学校/棟", "hut": "わらぶき小屋/軒|小屋/軒",
    "tent": "テント/張", "circus tent": "サーカスのテント/張|サーカス小屋/張", "ferris wheel": "観覧車/台", "fountain": "噴水/個",
    "statue": "像/体|自由の女神/体|銅像/体", "tower": "塔/棟|タワー/棟", "slide": "すべり台/台|滑り台/台", "rock": "岩/個|岩石/個|石/個",
    "tree": "木/本|樹木/本|大きな木/本", "fir tree": "もみの木/本|松の木/本|針葉樹/本", "palm tree": "ヤシの木/本",
    "christmas tree": "クリスマスツリー/本", "cactus": "サボテン/本", "potted plant": "鉢植え/鉢|観葉植物/鉢",
    "leaf": "葉/枚|葉っぱ/枚|もみじの葉/枚", "mushroom": "キノコ/本|きのこ/本", "rose": "バラ/本|薔薇/本", "tulip": "チューリップ/本",
    "sunflower": "ヒマワリ/本|ひまわり/本", "flower": "花/本|お花/本", "bouquet": "花束/束", "snowman": "雪だるま/個", "chair": "椅子/脚|いす/脚",
    "couch": "ソファ/台|ソファー/台", "bed": "ベッド/台", "toilet": "便器/個|トイレ/個", "bathtub": "バスタブ/個|浴槽/個", "door": "ドア/枚|扉/枚",
    "mirror": "鏡/枚", "ladder": "はしご/台|梯子/台", "tv": "テレビ/台", "desktop computer": "デスクトップパソコン/台|パソコン/台|コンピューター/台",
    "laptop": "ノートパソコン/台", "keyboard": "キーボード/台", "cell phone": "携帯電話/台|スマートフォン/台|電話/台", "radio": "ラジオ/台",
    "camera": "写真用カメラ/台|デジカメ/台", "clock": "置時計/個|時計/個", "alarm clock": "目覚まし時計/個|アラーム時計/個", "watch": "腕時計/個",
    "vase": "花瓶/個|壺/個", "lamp": "電球/個|ランプ/個", "candle": "ろうそく/本|キャンドル/本", "flashlight": "懐中電灯/本",
    "lantern": "提灯/個|ランタン/個", "bell": "ベル/個|鐘/個", "key": "鍵/本", "book": "本/冊|書籍/冊", "box": "箱/個|段ボール箱/個|荷物/個",
    "gift": "プレゼント/個|贈り物/個", "bucket": "バケツ/個", "basket": "かご/個|バスケット/個", "broom": "ほうき/本", "scissors": "はさみ/本",
    "toothbrush": "歯ブラシ/本", "umbrella": "傘/本|雨傘/本|日傘/本", "backpack": "バックパック/個|リュックサック/個", "handbag": "ハンドバッグ/個",
    "suitcase": "スーツケース/個|旅行かばん/個", "shopping cart": "ショッピングカート/台", "tie": "ネクタイ/本", "dress": "ワンピース/着|ドレス/着",
    "t-shirt": "Tシャツ/枚", "jeans": "ジーンズ/本", "shoe": "スニーカー/足|靴/足", "boot": "ブーツ/足", "scarf": "マフラー/本|スカーフ/本",
    "gloves": "手袋/組", "hat": "帽子/個|シルクハット/個", "cap": "キャップ/個|野球帽/個", "crown": "王冠/個",
    "teddy bear": "テディベア/個|くまのぬいぐるみ/個", "robot": "ロボット/体", "roller skate": "ローラースケート/足", "skis": "スキー板/組",
    "tennis racket": "テニスラケット/本|ラケット/本", "boxing glove": "ボクシンググローブ/個", "trophy": "トロフィー/個", "guitar": "ギター/本",
    "violin": "バイオリン/本", "drum": "ドラム/台|太鼓/台", "trumpet": "トランペット/本", "star": "星/個|スター/個",
    "diamond": "ダイヤモンド/個|宝石/個", "anchor": "錨/個|いかり/個", "traffic light": "信号機/台|信号/台",
    "stop sign": "止まれの標識/本|一時停止の標識/本", "fire extinguisher": "消火器/本", "bottle": "瓶/本|シャンパンの瓶/本|ボトル/本",
    "wine glass": "ワイングラス/個", "cup": "カップ/個|コーヒーカップ/個|マグカップ/個", "teapot": "ティーポット/個|急須/個",
    "glass of milk": "牛乳入りのコップ/個|牛乳/杯", "fork": "フォーク/本", "knife": "包丁/本|ナイフ/本", "spoon": "スプーン/本",
    "bowl": "ボウル/個|お椀/個|どんぶり/個", "banana": "バナナ/本", "apple": "りんご/個|リンゴ/個", "orange": "みかん/個|オレンジ/個",
    "lemon": "レモン/個", "strawberry": "いちご/個|イチゴ/個", "cherries": "さくらんぼ/個|チェリー/個", "grapes": "ぶどう/房|ブドウ/房",
    "watermelon": "スイカ/個", "pineapple": "パイナップル/個", "tomato": "トマト/個", "eggplant": "ナス/本|茄子/本",
    "corn": "とうもろこし/本|トウモロコシ/本", "broccoli": "ブロッコリー/個", "carrot": "人参/本|ニンジン/本",
    "pumpkin": "かぼちゃ/個|ハロウィンかぼちゃ/個", "sandwich": "サンドイッチ/個", "hot dog": "ホットドッグ/個", "hamburger": "ハンバーガー/個",
    "pizza": "ピザ/枚", "bread": "パン/個|食パン/個", "croissant": "クロワッサン/個", "cheese": "チーズ/個", "egg": "卵/個|たまご/個",
    "donut": "ドーナツ/個", "cake": "ケーキ/個|バースデーケーキ/個", "cupcake": "カップケーキ/個|マフィン/個",
    "ice cream": "ソフトクリーム/個|アイスクリーム/個",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "赤い|赤色の", "green": "緑の|緑色の", "blue": "青い|青色の", "yellow": "黄色い|黄色の", "orange": "オレンジ色の|橙色の", "purple": "紫の|紫色の",
        "pink": "ピンクの|ピンク色の", "black": "黒い|黒色の", "white": "白い|白色の",
    },
    numbers={"1": "一|1", "2": "二|2", "3": "三|3", "4": "四|4"},
    verbs={
        "move": "動いている", "play": "遊んでいる", "stand": "立っている", "stand:thing": "置かれている|置いてある", "stand:plant": "立っている|生えている", "stand:vehicle": "止まっている",
        "stand:ball": "置かれている", "stand:balloon": "浮かんでいる", "stand:aircraft": "止まっている", "stand:boat": "停泊している|浮かんでいる", "stand:fish": "じっとしている",
        "walk": "歩いている|散歩している", "run": "走っている|駆けている", "hop": "跳ねている|ジャンプしている", "dance": "踊っている|ダンスしている", "fly": "飛んでいる|飛行している",
        "fly:balloon": "漂っている|飛んでいる", "drive": "走行している|走っている", "ride": "進んでいる|走行している", "ride:person": "自転車をこいでいる|サイクリングしている",
        "sail": "航行している|進んでいる", "swim": "泳いでいる", "roll": "転がっている", "bounce": "弾んでいる|バウンドしている", "rise": "上昇している|昇っている", "fall": "落ちている|落下している",
    },
    directions={
        "left": "左へ|左に向かって|右から左へ", "right": "右へ|右に向かって|左から右へ", "towards": "カメラに向かって|手前に向かって", "away": "遠くへ|カメラから遠ざかるように",
    },
    places={
        "park": "公園|公園の芝生の上|公園の中", "beach": "浜辺|海岸|砂浜|ビーチ", "city": "街|街の通り|都会|にぎやかな通り", "snow": "雪原|雪に覆われた野原|雪景色の中",
        "desert": "砂漠|砂漠の中|砂丘の間", "sea": "海|海の上|大海原", "mountains": "山|山の中|山々の前", "room": "部屋|部屋の中|居間|室内",
    },
    through={},
    weather_in={
        "park": "{}公園", "beach": "{}浜辺|{}海岸", "city": "{}街|{}通り", "desert": "{}砂漠", "sea": "{}海", "mountains": "{}山",
    },
    adjectives={"snow": "雪の降る|雪の", "rain": "雨の降る|雨の", "fog": "霧の|霧に包まれた"},
    stages={
        "park": "静かな公園|木々のある公園", "beach": "穏やかな浜辺|美しい砂浜", "city": "街の通り|にぎやかな街|静かな通り", "snow": "雪原|雪に覆われた野原", "desert": "広大な砂漠|砂丘の続く砂漠",
        "sea": "穏やかな海|広い海", "mountains": "雄大な山々|山の風景", "room": "居心地のよい部屋|居間",
    },
    waves={"beach": "波が静かに打ち寄せる|穏やかな波の寄せる", "sea": "波が静かに揺れる|穏やかな波の立つ"},
    daytimes={"day": "昼間|昼|日中", "sunset": "夕方|夕暮れ|日没時", "night": "夜|夜中|月夜"},
    weathers={
        "clear": "晴れた空の下|晴天の中", "snow": "雪が降る中|雪の中|降りしきる雪の中", "rain": "雨が降る中|雨の中|激しい雨の中", "leaves": "落ち葉が舞う中|紅葉が舞い散る中", "fog": "霧の中|濃い霧の中",
    },
    cameras={
        "static": "固定カメラ|カメラは固定", "pan left": "カメラが左にパンする|左へパン", "pan right": "カメラが右にパンする|右へパン", "tilt up": "カメラが上にティルトする|上へティルト",
        "tilt down": "カメラが下にティルトする|下へティルト", "zoom in": "カメラがズームインする|ズームイン", "zoom out": "カメラがズームアウトする|ズームアウト",
    },
    styles={
        "paper": "紙芝居風|切り絵風", "cartoon": "アニメ風|漫画風|アニメスタイル", "noir": "白黒映画|フィルムノワール風の白黒|白黒映像", "vintage": "古い映画風|レトロなフィルム風", "watercolor": "水彩画|水彩画風",
        "pixel": "ドット絵|ピクセルアート",
    },
    relations={
        "left of": "の左|の左側", "right of": "の右|の右側", "on top of": "の上", "behind": "の後ろ|の背後", "in front of": "の前|の手前", "on the bottom of": "の下",
    },
    behind={
        "tree": "木の後ろを通り過ぎる|木の陰に隠れてまた現れる", "rock": "岩の後ろを通り過ぎる|岩の陰に隠れてまた現れる", "pillar": "柱の後ろを通り過ぎる|柱の陰に隠れてまた現れる",
    },
    views={"overhead": "空を|頭上を", "front": "正面図|正面から見た図"},
    glue="が は を に へ で と の も や から まで いる ある です ます する している その この あの そして 一人 二人 三人 四人 数人 数 群れ 着た 着て 服 服を着た ドレス ドレスを着た シャツ シャツを着た "
    "そば そばに 何 何も たくさん 動画 映像 映画 場面 シーン ショット とても 大きな 小さな 若い 古い 美しい 近く 隣",
    small="また ゆっくり 速く 一緒に まだ",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    return Name(one=fields[0], many=fields[0], measure=fields[1])


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "二匹の赤い犬"; people wear the colour."""
    name, color = group.name, ""
    if group.color:
        color = pen.word("colors", group.color)
        if group.human:
            garment = "ドレス" if group.woman and pen.chance(0.4) else "シャツ" if pen.chance(0.2) else "服"
            color = f"{color}{garment}を着た"
    if group.count == 0:
        return pen.of(f"数{name.measure}の|たくさんの|何{name.measure}もの") + color + name.one
    if group.count == 1 and pen.chance(0.6):
        return color + name.one
    return f"{pen.word('numbers', str(group.count))}{name.measure}の{color}{name.one}"


def verb(plan: CaptionPlan, group: Group, pen: Pen, action: str, finite: bool) -> str:
    return pen.of("|".join(verb_forms(group, pen, action)))


def sentence(plan: CaptionPlan, pen: Pen) -> str:
    """ "夕暮れの公園で、赤い犬が左へ走っている、カメラが右にパンする"."""
    said, last = plan.said, ends(plan, pen)
    if said.get("noun", "none") == "none":
        return "、".join([stage(plan, pen), *last] if "place" in said else last)
    group = group_of(plan, pen)
    if "place" in said and "relation" not in said and not plan.playing and pen.chance(0.12):
        return "、".join([stage(plan, pen, group), *last])
    other = noun_phrase(group_of(plan, pen, "2"), pen) if "noun2" in said else ""
    place, told = where(plan, pen)
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said and not told else ""
    head = (
        "の".join(part for part in (time, place) if part)
        if not told
        else "、".join(part for part in (time, place) if part)
    )
    if place:
        head += _particle(plan, pen)
    main = [weather, head] if pen.chance(0.3) else [head, weather]
    if other and not (plan.together or plan.playing or "relation" in said):
        last = [f"そばに{other}がいる" if _alive(plan.kinds[1]) else f"そばに{other}がある", *last]
    return "、".join(part for part in (*main, who(plan, group, other, pen), *last) if part)


def where(plan: CaptionPlan, pen: Pen) -> tuple[str, bool]:
    """The place without its particle, and whether it told the weather too."""
    place, weather = plan.said.get("place", ""), plan.said.get("weather", "")
    phrases = pen.pack.phrases
    if place in phrases.weather_in and weather in phrases.adjectives and pen.chance(0.3):
        return pen.word("weather_in", place).format(pen.word("adjectives", weather)), True
    return (pen.word("places", place) if place else ""), False


def _particle(plan: CaptionPlan, pen: Pen) -> str:
    """で where something happens, を where an actor goes through, に where it only is."""
    action = plan.said.get("action", "")
    if action in ON_THE_WAY and "relation" not in plan.said and pen.chance(0.3):
        return "を"
    return "に" if action == "stand" or "relation" in plan.said else "で"


def _alive(kind: str) -> bool:
    return kind in ("person", "animal", "bird", "fish")


def who(plan: CaptionPlan, group: Group, other: str, pen: Pen) -> str:
    """Who does what, and which way; the verb ends it."""
    said = plan.said
    subject = noun_phrase(group, pen)
    if "relation" in said:
        relation, there = said["relation"], "いる" if group.alive else "ある"
        if relation == "on top of" and pen.chance(0.25):
            subject, other, relation = other, subject, "on the bottom of"
            there = "いる" if _alive(plan.kinds[1]) else "ある"
        where_to = pen.word("relations", relation)
        return f"{subject}が{other}{where_to}に{there}" if pen.chance(0.5) else f"{other}{where_to}に{subject}が{there}"
    if plan.playing:
        return f"{subject}が{other}と{pen.of('|一緒に')}{verb(plan, group, pen, 'play', True)}"
    if plan.together:
        subject += f"と{other}"
    if "action" not in said and "direction" not in said:
        return subject
    return f"{subject}が{doing(plan, group, pen)}"


def doing(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    """ "左へ走っている"."""
    said = plan.said
    way = pen.word("directions", said["direction"]) if "direction" in said else ""
    if not way and said.get("action") == "fly" and "place" not in said:
        way = pen.word("views", "overhead")
    return way + verb(plan, group, pen, said.get("action", "move"), True)


def stage(plan: CaptionPlan, pen: Pen, group: Group | None = None) -> str:
    """ "雨の中、左へ走っている赤い犬がいる静かな公園"."""
    said = plan.said
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said else ""
    waves = pen.word("waves", said["place"]) if said["place"] in ("beach", "sea") and pen.chance(0.6) else ""
    place = waves + pen.word("stages", said["place"])
    if group is not None:
        acts = ("action" in said or "direction" in said) and not group.called
        shown = (doing(plan, group, pen) if acts else "") + noun_phrase(group, pen)
        if "noun2" in said:
            shown += f"と{noun_phrase(group_of(plan, pen, '2'), pen)}"
        place = f"{shown}が{'いる' if group.alive else 'ある'}{place}"
    return "、".join(
        part
        for part in (weather, f"{time}、{place}" if time and group else f"{time}の{place}" if time else place)
        if part
    )


JAPANESE: Final = LanguagePack(
    key="ja",
    title="Japanese",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(write=sentence, noun_phrase=noun, verb=verb, comma="、", stop="。"),
    wording=Wording(
        synonyms=(
            ("noun", "child", "子供", "赤ちゃん|幼児|児童|キッズ"), ("noun", "man", "男性", "男|おじさん|お父さん|父親|紳士"), ("noun", "woman", "女性", "女|おばさん|お母さん|母親|婦人"),
            ("noun", "dog", "犬", "わんこ|ワンちゃん|いぬ"), ("noun", "dog", "~犬", "柴犬|ラブラドール|ダックスフント|チワワ"), ("noun", "cat", "猫", "ねこ|にゃんこ|仔猫"),
            ("noun", "horse", "馬", "仔馬|白馬"), ("noun", "bird", "~鳥", "スズメ|カラス|ツバメ"), ("noun", "car", "車", "マイカー|セダン|スポーツカー"), ("noun", "airplane", "飛行機", "航空機|ジェット機"),
            ("noun", "tree", "~木", "桜の木|柳|樫の木"), ("noun", "house", "家", "お家|邸宅|一軒家"), ("noun", "chair", "~椅子", "肘掛け椅子|スツール"),
            ("color", "red", "赤い", "真っ赤な|深紅の"), ("color", "blue", "青い", "真っ青な|水色の|紺色の"), ("color", "yellow", "黄色い", "金色の"), ("color", "white", "白い", "真っ白な"), ("color", "black", "黒い", "真っ黒な"),
            ("action", "stand", "~立っている", "座っている|寝ている|眠っている|休んでいる"), ("action", "run", "走っている", "疾走している"), ("place", "park", "公園", "庭園|庭|草原"),
            ("place", "park", "~公園", "森|森林|農場"), ("place", "sea", "~海", "湖|川|池|プール"), ("place", "room", "~部屋", "台所|キッチン|寝室|教室|オフィス"), ("place", "city", "街", "町|村|都市|道路"),
            ("weather", "rain", "+雨の中", "土砂降り|嵐"), ("weather", "snow", "+雪の中", "吹雪"), ("style", "noir", "+白黒映像", "モノクロ"), ("style", "cartoon", "+アニメ風", "マンガ風"),
        ),
        dropped="だけの|のみの|ただの",
        unknown_places="月面|月の上|火星|宇宙|スタジアム|空港|博物館|病院|スーパーマーケット|洞窟|火山|工場|劇場|水中",
        many="五|六|七|八|九|十|十二|二十|五十|百|何百",
        inside="上中里",
        measures="匹頭羽人名台個本枚冊隻機輪着足軒棟体脚束鉢房組張杯つ",
        large_numbers=r"(?<![一二三四])(?P<words>[五六七八九十百千]+|何百|数十)",
        negated=r"(?P<what>[^、。,.!?！？\s]{1,12}?)(?:が(?:い|)ない|は(?:い|)ない|がいません|がありません|なしで|なしの|抜きで|のない|のいない)",
    ),
    sentences=SentenceRules(
        labels=r"シーン|場面|カット|ショット",
        cut=r"(?:そして)?(?:画面が|カメラが)?(?:切り替わって|切り替わり|場面転換して)",
        flow=r"(?:それから|そして|その後|次に|続いて)",
        determiners=r"[一二三四五六七八九十数何]|その|この|あの|ある",
        settings=r"で|上|中|下|前|後ろ|横|隣|海|公園|街|町|通り|砂漠|山|部屋|室|森|空",
        asides=("している", "で、"),
        placed="{setting}で、{text}",
    ),
    script=r"\u3040-\u30ff\uff66-\uff9f\u3400-\u9fff",
    shared_script=r"\u3400-\u9fff",
    spaced=False,
)  # fmt: skip
