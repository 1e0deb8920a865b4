# ruff: noqa: E501 (tables: one thing a line)
"""Names of everything in English, Spanish, Chinese and Arabic, as plain data.

NAMES holds, for every key of `nouns.NOUNS`, one string a language: synonyms apart by "|", the fields of one apart by "/".
English: singular/plural ("=": no article, a plural word). Spanish: singular/gender m or f (mp, fp: a plural word)/plural.
Chinese: name/measure word. Arabic: singular/gender/plural; in the singular "+" joins an idafa and "~" a noun and its
adjective, which the dual needs to know. A plural that is left out follows the rule. Started from the Unicode CLDR names
that the `emoji` package carries, then corrected by hand.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Language = Literal["en", "es", "zh", "ar"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "es", "zh", "ar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One way to name a thing in one language."""

    one: str
    many: str
    gender: Literal["m", "f"] = "m"
    plural: bool = False  # a word like "scissors", plural though one thing is meant
    measure: str = ""  # Chinese
    two: str = ""  # Arabic dual


NAMES: Final[dict[str, tuple[str, str, str, str]]] = {
    "person": ("person/people", "persona/f", "人/个|路人/个", "شخص/m/أشخاص"),
    "man": ("man/men|guy", "hombre/m|señor/m", "男人/个|男子/名", "رجل/m/رجال"),
    "woman": ("woman/women|young woman/young women|lady", "mujer/f|mujer joven/f/mujeres jóvenes",
              "女人/个|女子/名|年轻女子/名", "امرأة/f/نساء|امرأة~شابة/f/نساء شابات"),
    "boy": ("boy", "niño/m|chico/m", "男孩/个", "ولد/m/أولاد|صبي/m/صبيان"),
    "girl": ("girl", "niña/f|chica/f", "女孩/个", "فتاة/f/فتيات|بنت/f/بنات"),
    "child": ("child/children|kid", "niño pequeño/m/niños pequeños|crío/m", "孩子/个|小孩/个|儿童/名", "طفل/m/أطفال"),
    "old man": ("old man/old men|elderly man/elderly men|grandfather", "anciano/m|hombre mayor/m/hombres mayores",
                "老人/位|老爷爷/位", "رجل~عجوز/m/رجال عجائز|جد/m/أجداد"),
    "old woman": ("old woman/old women|elderly woman/elderly women|grandmother", "anciana/f|mujer mayor/f/mujeres mayores",
                  "老太太/位|老奶奶/位", "امرأة~عجوز/f/نساء عجائز|جدة/f"),
    "cyclist": ("cyclist|person riding a bike/people riding bikes", "ciclista/m", "骑车人/个|骑自行车的人/个", "راكب+دراجة/m/راكبو دراجات"),
    "superhero": ("superhero/superheroes", "superhéroe/m", "超级英雄/个", "بطل~خارق/m/أبطال خارقون"),
    "mermaid": ("mermaid", "sirena/f", "美人鱼/条", "حورية+بحر/f/حوريات بحر"),
    "fairy": ("fairy", "hada/f", "仙女/个|小精灵/个", "جنية/f"),
    "cat": ("cat|kitten|kitty", "gato/m|gatito/m", "猫/只|小猫/只", "قطة/f/قطط|قط/m/قطط"),
    "dog": ("dog|puppy", "perro/m|perrito/m", "狗/只|小狗/只", "كلب/m/كلاب|جرو/m/جراء"),
    "golden retriever": ("golden retriever|retriever", "golden retriever/m/golden retrievers|perro dorado/m/perros dorados",
                         "金毛犬/只|金毛寻回犬/只", "كلب~ذهبي/m/كلاب ذهبية"),
    "poodle": ("poodle", "caniche/m", "贵宾犬/只", "كلب+بودل/m/كلاب بودل"),
    "horse": ("horse|pony", "caballo/m", "马/匹", "حصان/m/أحصنة|خيل/m/خيول"),
    "sheep": ("sheep/sheep|lamb", "oveja/f", "羊/只|绵羊/只", "خروف/m/خراف"),
    "cow": ("cow", "vaca/f", "奶牛/头|牛/头", "بقرة/f/أبقار"),
    "elephant": ("elephant", "elefante/m", "大象/头|象/头", "فيل/m/أفيال"),
    "bear": ("bear", "oso/m", "熊/只", "دب/m/دببة"),
    "zebra": ("zebra", "cebra/f", "斑马/匹", "حمار~وحشي/m/حمير وحشية"),
    "giraffe": ("giraffe", "jirafa/f", "长颈鹿/只", "زرافة/f"),
    "rabbit": ("rabbit|bunny|hare", "conejo/m|liebre/f", "兔子/只|小兔子/只", "أرنب/m/أرانب"),
    "mouse": ("mouse/mice", "ratón/m", "老鼠/只|小老鼠/只", "فأر/m/فئران"),
    "rat": ("rat", "rata/f", "耗子/只|大鼠/只", "جرذ/m/جرذان"),
    "ox": ("ox/oxen|bull", "buey/m|toro/m", "公牛/头", "ثور/m/ثيران"),
    "buffalo": ("buffalo/buffaloes|water buffalo/water buffaloes", "búfalo/m", "水牛/头", "جاموس/m/جواميس"),
    "bison": ("bison/bison", "bisonte/m", "野牛/头", "بيسون/m/بيسونات"),
    "tiger": ("tiger", "tigre/m", "老虎/只", "نمر/m/نمور"),
    "leopard": ("leopard|cheetah", "leopardo/m|guepardo/m", "豹子/只|猎豹/只", "فهد/m/فهود"),
    "lion": ("lion", "león/m", "狮子/头", "أسد/m/أسود"),
    "dragon": ("dragon", "dragón/m", "龙/条", "تنين/m/تنانين"),
    "crocodile": ("crocodile|alligator", "cocodrilo/m", "鳄鱼/条", "تمساح/m/تماسيح"),
    "snail": ("snail", "caracol/m", "蜗牛/只", "حلزون/m/حلزونات"),
    "snake": ("snake|serpent", "serpiente/f", "蛇/条", "ثعبان/m/ثعابين|أفعى/f/أفاع"),
    "ram": ("ram", "carnero/m", "公羊/只", "كبش/m/كباش"),
    "goat": ("goat", "cabra/f", "山羊/只", "ماعز/m/مواعز|معزة/f/معزات"),
    "monkey": ("monkey", "mono/m", "猴子/只", "قرد/m/قرود"),
    "pig": ("pig|piglet", "cerdo/m", "猪/头", "خنزير/m/خنازير"),
    "camel": ("camel|dromedary", "camello/m|dromedario/m", "骆驼/头", "جمل/m/جمال"),
    "squirrel": ("squirrel|chipmunk", "ardilla/f", "松鼠/只", "سنجاب/m/سناجب"),
    "fox": ("fox", "zorro/m", "狐狸/只", "ثعلب/m/ثعالب"),
    "wolf": ("wolf/wolves", "lobo/m", "狼/只", "ذئب/m/ذئاب"),
    "panda": ("panda", "panda/m|oso panda/m/osos panda", "熊猫/只", "باندا/m/باندات"),
    "koala": ("koala", "koala/m", "考拉/只", "كوالا/m/كوالات"),
    "raccoon": ("raccoon", "mapache/m", "浣熊/只", "راكون/m/راكونات"),
    "deer": ("deer/deer|stag", "ciervo/m|venado/m", "鹿/只", "غزال/m/غزلان|أيل/m/أيائل"),
    "gorilla": ("gorilla", "gorila/m", "大猩猩/只", "غوريلا/f/غوريلات"),
    "rhinoceros": ("rhinoceros|rhino", "rinoceronte/m", "犀牛/头", "وحيد+القرن/m/وحيدات القرن"),
    "hippopotamus": ("hippopotamus|hippo", "hipopótamo/m", "河马/头", "فرس+نهر/m/أفراس نهر"),
    "kangaroo": ("kangaroo", "canguro/m", "袋鼠/只", "كنغر/m/كناغر"),
    "llama": ("llama|alpaca", "llama/f|alpaca/f", "羊驼/只", "لاما/f/لامات"),
    "hedgehog": ("hedgehog", "erizo/m", "刺猬/只", "قنفذ/m/قنافذ"),
    "badger": ("badger", "tejón/m", "獾/只", "غرير/m/غريرات"),
    "skunk": ("skunk", "mofeta/f", "臭鼬/只", "ظربان/m/ظرابين"),
    "beaver": ("beaver", "castor/m", "海狸/只|河狸/只", "قندس/m/قنادس"),
    "mammoth": ("mammoth", "mamut/m/mamuts", "猛犸/头|猛犸象/头", "ماموث/m/ماموثات"),
    "donkey": ("donkey", "burro/m|asno/m", "驴/头|毛驴/头", "حمار/m/حمير"),
    "seal": ("seal", "foca/f", "海豹/只", "فقمة/f"),
    "dinosaur": ("dinosaur|sauropod", "dinosaurio/m", "恐龙/只", "ديناصور/m/ديناصورات"),
    "tyrannosaurus": ("tyrannosaurus|t-rex", "tiranosaurio/m|tiranosaurio rex/m/tiranosaurios rex", "霸王龙/只", "تيرانوصور/m/تيرانوصورات"),
    "turtle": ("turtle|tortoise", "tortuga/f", "乌龟/只|海龟/只", "سلحفاة/f/سلاحف"),
    "lizard": ("lizard|gecko", "lagarto/m|lagartija/f", "蜥蜴/只", "سحلية/f/سحالي"),
    "frog": ("frog", "rana/f", "青蛙/只", "ضفدع/m/ضفادع"),
    "crab": ("crab", "cangrejo/m", "螃蟹/只", "سلطعون/m/سلطعونات"),
    "lobster": ("lobster", "langosta/f|bogavante/m", "龙虾/只", "كركند/m/كركندات"),
    "scorpion": ("scorpion", "escorpión/m", "蝎子/只", "عقرب/f/عقارب"),
    "spider": ("spider", "araña/f", "蜘蛛/只", "عنكبوت/m/عناكب"),
    "ant": ("ant", "hormiga/f", "蚂蚁/只", "نملة/f"),
    "caterpillar": ("caterpillar", "oruga/f", "毛毛虫/条", "يرقة/f"),
    "ladybug": ("ladybug|ladybird", "mariquita/f", "瓢虫/只", "دعسوقة/f/دعاسيق"),
    "bird": ("bird|songbird", "pájaro/m|pajarito/m|ave/f", "鸟/只|小鸟/只", "طائر/m/طيور|عصفور/m/عصافير"),
    "seagull": ("seagull|gull", "gaviota/f", "海鸥/只", "نورس/m/نوارس"),
    "dove": ("dove|pigeon", "paloma/f", "鸽子/只", "حمامة/f"),
    "eagle": ("eagle|hawk", "águila/f", "老鹰/只|鹰/只", "نسر/m/نسور"),
    "duck": ("duck|mallard", "pato/m", "鸭子/只", "بطة/f"),
    "goose": ("goose/geese", "ganso/m|oca/f", "鹅/只", "إوزة/f"),
    "swan": ("swan", "cisne/m", "天鹅/只", "بجعة/f"),
    "flamingo": ("flamingo", "flamenco/m", "火烈鸟/只", "فلامينغو/m/طيور فلامينغو"),
    "parrot": ("parrot", "loro/m|papagayo/m", "鹦鹉/只", "ببغاء/m/ببغاوات"),
    "owl": ("owl", "búho/m|lechuza/f", "猫头鹰/只", "بومة/f"),
    "peacock": ("peacock", "pavo real/m/pavos reales", "孔雀/只", "طاووس/m/طواويس"),
    "turkey": ("turkey", "pavo/m", "火鸡/只", "ديك~رومي/m/ديوك رومية"),
    "rooster": ("rooster|cockerel", "gallo/m", "公鸡/只", "ديك/m/ديوك"),
    "chicken": ("chicken|hen", "gallina/f", "鸡/只|母鸡/只", "دجاجة/f"),
    "chick": ("chick", "pollito/m", "小鸡/只", "كتكوت/m/كتاكيت|صوص/m/صيصان"),
    "penguin": ("penguin", "pingüino/m", "企鹅/只", "بطريق/m/بطاريق"),
    "dodo": ("dodo", "dodo/m", "渡渡鸟/只", "دودو/m/طيور دودو"),
    "bat": ("bat", "murciélago/m", "蝙蝠/只", "خفاش/m/خفافيش"),
    "bee": ("bee|honeybee", "abeja/f", "蜜蜂/只", "نحلة/f"),
    "butterfly": ("butterfly", "mariposa/f", "蝴蝶/只", "فراشة/f"),
    "fish": ("fish/fish", "pez/m", "鱼/条", "سمكة/f/أسماك"),
    "tropical fish": ("tropical fish/tropical fish|angelfish/angelfish", "pez tropical/m/peces tropicales", "热带鱼/条", "سمكة~استوائية/f/أسماك استوائية"),
    "pufferfish": ("pufferfish/pufferfish|blowfish/blowfish", "pez globo/m/peces globo", "河豚/条", "سمكة~منتفخة/f/أسماك منتفخة"),
    "shark": ("shark", "tiburón/m", "鲨鱼/条", "قرش/m/قروش"),
    "dolphin": ("dolphin", "delfín/m", "海豚/只", "دلفين/m/دلافين"),
    "whale": ("whale", "ballena/f", "鲸鱼/头|鲸/头", "حوت/m/حيتان"),
    "octopus": ("octopus", "pulpo/m", "章鱼/只", "أخطبوط/m/أخطبوطات"),
    "jellyfish": ("jellyfish/jellyfish", "medusa/f", "水母/只", "قنديل+بحر/m/قناديل بحر"),
    "car": ("car|automobile", "coche/m|automóvil/m|carro/m", "汽车/辆|小汽车/辆|轿车/辆|车/辆", "سيارة/f"),
    "suv": ("suv|jeep", "todoterreno/m", "越野车/辆", "سيارة+جيب/f/سيارات جيب"),
    "taxi": ("taxi/taxis|cab", "taxi/m", "出租车/辆", "تاكسي/m/تاكسيات|سيارة+أجرة/f/سيارات أجرة"),
    "police car": ("police car", "coche de policía/m/coches de policía|patrulla/f", "警车/辆", "سيارة+شرطة/f/سيارات شرطة"),
    "racing car": ("racing car|race car", "coche de carreras/m/coches de carreras", "赛车/辆", "سيارة+سباق/f/سيارات سباق"),
    "bus": ("bus|coach", "autobús/m/autobuses|bus/m/buses", "公交车/辆|巴士/辆|公共汽车/辆", "حافلة/f|باص/m/باصات"),
    "minibus": ("minibus|van", "minibús/m/minibuses|furgoneta/f", "小巴/辆|面包车/辆", "حافلة~صغيرة/f/حافلات صغيرة"),
    "ambulance": ("ambulance", "ambulancia/f", "救护车/辆", "سيارة+إسعاف/f/سيارات إسعاف"),
    "fire truck": ("fire truck|fire engine", "camión de bomberos/m/camiones de bomberos", "消防车/辆", "سيارة+إطفاء/f/سيارات إطفاء"),
    "truck": ("truck|lorry", "camión/m", "卡车/辆|货车/辆", "شاحنة/f"),
    "semi truck": ("semi truck|trailer truck", "camión articulado/m/camiones articulados|tráiler/m/tráileres", "大货车/辆|拖挂卡车/辆", "شاحنة~كبيرة/f/شاحنات كبيرة"),
    "pickup truck": ("pickup truck|pickup", "camioneta/f", "皮卡/辆", "شاحنة~خفيفة/f/شاحنات خفيفة"),
    "tractor": ("tractor", "tractor/m", "拖拉机/辆", "جرار/m/جرارات"),
    "rickshaw": ("rickshaw|tuk-tuk", "mototaxi/m|rickshaw/m/rickshaws", "三轮车/辆|嘟嘟车/辆", "توكتوك/m/توكتوكات"),
    "bicycle": ("bicycle|bike", "bicicleta/f|bici/f/bicis", "自行车/辆|单车/辆", "دراجة/f|دراجة~هوائية/f/دراجات هوائية"),
    "motorcycle": ("motorcycle|motorbike", "motocicleta/f|moto/f/motos", "摩托车/辆", "دراجة~نارية/f/دراجات نارية"),
    "scooter": ("scooter|moped", "escúter/m/escúteres|ciclomotor/m", "小摩托/辆|踏板车/辆", "سكوتر/m/سكوترات"),
    "kick scooter": ("kick scooter", "patinete/m", "滑板车/辆", "سكوتر~صغير/m/سكوترات صغيرة"),
    "skateboard": ("skateboard", "monopatín/m|patineta/f", "滑板/块", "لوح+تزلج/m/ألواح تزلج"),
    "sled": ("sled|sleigh", "trineo/m", "雪橇/架", "مزلجة/f/مزالج"),
    "train": ("train|locomotive|steam train", "tren/m|locomotora/f", "火车/列|蒸汽火车/列", "قطار/m/قطارات"),
    "high-speed train": ("high-speed train|bullet train", "tren de alta velocidad/m/trenes de alta velocidad|tren bala/m/trenes bala", "高速列车/列|高铁/列", "قطار~سريع/m/قطارات سريعة"),
    "tram": ("tram|streetcar", "tranvía/m", "有轨电车/辆|电车/辆", "ترام/m/ترامات"),
    "carousel horse": ("carousel horse|merry-go-round horse", "caballo de carrusel/m/caballos de carrusel", "旋转木马/匹", "حصان+دوامة/m/أحصنة دوامة"),
    "boat": ("boat|sailboat|sailing boat", "barco/m|velero/m|barca/f", "船/艘|帆船/艘|小船/条", "قارب/m/قوارب|مركب~شراعي/m/مراكب شراعية"),
    "speedboat": ("speedboat", "lancha/f|lancha rápida/f/lanchas rápidas", "快艇/艘", "قارب~سريع/m/قوارب سريعة"),
    "motorboat": ("motorboat|yacht", "lancha motora/f/lanchas motoras|yate/m", "摩托艇/艘|游艇/艘", "زورق~بخاري/m/زوارق بخارية|يخت/m/يخوت"),
    "ship": ("ship|steamship", "buque/m|barco de vapor/m/barcos de vapor", "轮船/艘|大船/艘", "سفينة/f/سفن"),
    "cruise ship": ("cruise ship|ocean liner", "crucero/m", "邮轮/艘|客轮/艘", "سفينة~سياحية/f/سفن سياحية"),
    "ferry": ("ferry", "ferri/m/ferris|transbordador/m", "渡轮/艘", "عبارة/f"),
    "canoe": ("canoe|rowboat", "canoa/f|piragua/f", "独木舟/条", "زورق/m/زوارق"),
    "airplane": ("airplane|plane|aeroplane|jet", "avión/m", "飞机/架", "طائرة/f"),
    "propeller plane": ("propeller plane|small plane", "avioneta/f", "小型飞机/架|螺旋桨飞机/架", "طائرة~صغيرة/f/طائرات صغيرة"),
    "helicopter": ("helicopter", "helicóptero/m", "直升机/架", "مروحية/f|هليكوبتر/f/هليكوبترات"),
    "rocket": ("rocket|spaceship", "cohete/m|nave espacial/f/naves espaciales", "火箭/枚", "صاروخ/m/صواريخ"),
    "flying saucer": ("flying saucer|ufo", "platillo volante/m/platillos volantes|ovni/m/ovnis", "飞碟/个", "صحن~طائر/m/صحون طائرة"),
    "parachute": ("parachute", "paracaídas/m/paracaídas", "降落伞/个", "مظلة+هبوط/f/مظلات هبوط"),
    "sports ball": ("sports ball|soccer ball|football|ball", "balón/m|balón de fútbol/m/balones de fútbol|pelota/f", "足球/个|球/个", "كرة/f|كرة+قدم/f/كرات قدم"),
    "basketball": ("basketball", "balón de baloncesto/m/balones de baloncesto", "篮球/个", "كرة+سلة/f/كرات سلة"),
    "volleyball": ("volleyball", "balón de voleibol/m/balones de voleibol", "排球/个", "كرة~طائرة/f/كرات طائرة"),
    "baseball": ("baseball", "pelota de béisbol/f/pelotas de béisbol", "棒球/个", "كرة+بيسبول/f/كرات بيسبول"),
    "american football": ("american football|rugby ball", "balón de fútbol americano/m/balones de fútbol americano", "橄榄球/个", "كرة~أمريكية/f/كرات أمريكية"),
    "ball": ("billiard ball|pool ball", "bola de billar/f/bolas de billar", "台球/个", "كرة+بلياردو/f/كرات بلياردو"),
    "frisbee": ("frisbee|flying disc", "frisbee/m/frisbees|disco volador/m/discos voladores", "飞盘/个", "فريسبي/m/أقراص فريسبي|قرص~طائر/m/أقراص طائرة"),
    "yo-yo": ("yo-yo/yo-yos", "yoyó/m/yoyós", "悠悠球/个", "يويو/m/يويوات"),
    "balloon": ("balloon", "globo/m", "气球/个", "بالون/m/بالونات"),
    "kite": ("kite", "cometa/f", "风筝/只", "طائرة~ورقية/f/طائرات ورقية"),
    "house": ("house|home", "casa/f", "房子/座|房屋/座", "منزل/m/منازل|بيت/m/بيوت"),
    "cottage": ("cottage", "casa de campo/f/casas de campo", "小别墅/座|乡间小屋/座", "بيت~ريفي/m/بيوت ريفية"),
    "castle": ("castle", "castillo/m", "城堡/座", "قلعة/f/قلاع"),
    "church": ("church", "iglesia/f", "教堂/座", "كنيسة/f/كنائس"),
    "mosque": ("mosque", "mezquita/f", "清真寺/座", "مسجد/m/مساجد"),
    "school": ("school", "escuela/f|colegio/m", "学校/座", "مدرسة/f/مدارس"),
    "hut": ("hut", "cabaña/f|choza/f", "茅屋/座|小屋/座", "كوخ/m/أكواخ"),
    "tent": ("tent", "tienda de campaña/f/tiendas de campaña", "帐篷/顶", "خيمة/f/خيام"),
    "circus tent": ("circus tent|circus", "carpa de circo/f/carpas de circo", "马戏团帐篷/顶", "خيمة+سيرك/f/خيام سيرك"),
    "ferris wheel": ("ferris wheel", "noria/f", "摩天轮/座", "عجلة~دوارة/f/عجلات دوارة"),
    "fountain": ("fountain", "fuente/f", "喷泉/座", "نافورة/f/نوافير"),
    "statue": ("statue|statue of liberty/statues of liberty", "estatua/f", "雕像/座|自由女神像/座", "تمثال/m/تماثيل"),
    "tower": ("tower", "torre/f", "塔/座|铁塔/座", "برج/m/أبراج"),
    "slide": ("playground slide|slide", "tobogán/m", "滑梯/个", "زحليقة/f/زحاليق"),
    "rock": ("rock|stone|boulder", "roca/f|piedra/f", "岩石/块|石头/块", "صخرة/f/صخور"),
    "tree": ("tree", "árbol/m", "树/棵|大树/棵", "شجرة/f/أشجار"),
    "fir tree": ("fir tree|pine tree|evergreen tree", "abeto/m|pino/m", "松树/棵|冷杉/棵", "شجرة+صنوبر/f/أشجار صنوبر"),
    "palm tree": ("palm tree|palm", "palmera/f", "棕榈树/棵", "نخلة/f/نخيل"),
    "christmas tree": ("christmas tree", "árbol de navidad/m/árboles de navidad", "圣诞树/棵", "شجرة+ميلاد/f/أشجار ميلاد"),
    "cactus": ("cactus/cacti", "cactus/m/cactus", "仙人掌/棵", "صبارة/f"),
    "potted plant": ("potted plant|houseplant", "planta en maceta/f/plantas en maceta", "盆栽/盆|盆栽植物/盆", "نبتة+أصيص/f/نباتات أصيص"),
    "leaf": ("leaf/leaves|maple leaf/maple leaves|autumn leaf/autumn leaves", "hoja/f|hoja de arce/f/hojas de arce", "叶子/片|枫叶/片|树叶/片", "ورقة+شجر/f/أوراق شجر"),
    "mushroom": ("mushroom|toadstool", "seta/f|champiñón/m", "蘑菇/朵", "فطر/m/فطور"),
    "rose": ("rose", "rosa/f", "玫瑰/朵|玫瑰花/朵", "وردة/f/ورود"),
    "tulip": ("tulip", "tulipán/m", "郁金香/朵", "توليب/m/زهور توليب"),
    "sunflower": ("sunflower", "girasol/m", "向日葵/朵", "زهرة+عباد/f/زهور عباد"),
    "flower": ("flower|daisy", "flor/f|margarita/f", "花/朵|花朵/朵", "زهرة/f/زهور"),
    "bouquet": ("bouquet|bunch of flowers/bunches of flowers", "ramo de flores/m/ramos de flores", "花束/束", "باقة+زهور/f/باقات زهور"),
    "snowman": ("snowman/snowmen", "muñeco de nieve/m/muñecos de nieve", "雪人/个", "رجل+ثلج/m/رجال ثلج"),
    "chair": ("chair|wooden chair", "silla/f", "椅子/把", "كرسي/m/كراسي"),
    "couch": ("couch/couches|sofa", "sofá/m/sofás", "沙发/张", "أريكة/f/أرائك|كنبة/f"),
    "bed": ("bed", "cama/f", "床/张", "سرير/m/أسرة"),
    "toilet": ("toilet", "inodoro/m|váter/m/váteres", "马桶/个", "مرحاض/m/مراحيض"),
    "bathtub": ("bathtub", "bañera/f", "浴缸/个", "حوض+استحمام/m/أحواض استحمام"),
    "door": ("door", "puerta/f", "门/扇", "باب/m/أبواب"),
    "mirror": ("mirror", "espejo/m", "镜子/面", "مرآة/f/مرايا"),
    "ladder": ("ladder", "escalera de mano/f/escaleras de mano", "梯子/架", "سلم/m/سلالم"),
    "tv": ("tv|television", "televisor/m|televisión/f", "电视/台|电视机/台", "تلفاز/m/تلفازات|تلفزيون/m/تلفزيونات"),
    "desktop computer": ("desktop computer|computer", "ordenador/m|computadora/f", "电脑/台|台式电脑/台", "حاسوب/m/حواسيب"),
    "laptop": ("laptop|notebook computer", "portátil/m/portátiles|ordenador portátil/m/ordenadores portátiles", "笔记本电脑/台", "حاسوب~محمول/m/حواسيب محمولة"),
    "keyboard": ("keyboard", "teclado/m", "键盘/个", "لوحة+مفاتيح/f/لوحات مفاتيح"),
    "cell phone": ("cell phone|mobile phone|smartphone|phone", "teléfono móvil/m/teléfonos móviles|celular/m", "手机/部", "هاتف/m/هواتف|هاتف~محمول/m/هواتف محمولة"),
    "radio": ("radio/radios", "radio/f", "收音机/台", "راديو/m/راديوهات|مذياع/m/مذاييع"),
    "camera": ("photo camera", "cámara de fotos/f/cámaras de fotos", "照相机/台|相机/台", "آلة+تصوير/f/آلات تصوير"),
    "clock": ("clock|mantel clock", "reloj/m/relojes|reloj de mesa/m/relojes de mesa", "时钟/座|钟/座|座钟/座", "ساعة/f|ساعة+مكتب/f/ساعات مكتب"),
    "alarm clock": ("alarm clock", "despertador/m", "闹钟/个", "منبه/m/منبهات"),
    "watch": ("watch|wristwatch", "reloj de pulsera/m/relojes de pulsera", "手表/块", "ساعة+يد/f/ساعات يد"),
    "vase": ("vase|amphora/amphoras|urn", "jarrón/m|florero/m|ánfora/f", "花瓶/个", "مزهرية/f"),
    "lamp": ("lamp|light bulb", "bombilla/f|lámpara/f", "灯泡/个|灯/盏", "مصباح/m/مصابيح"),
    "candle": ("candle", "vela/f", "蜡烛/支", "شمعة/f/شموع"),
    "flashlight": ("flashlight", "linterna/f", "手电筒/支", "كشاف/m/كشافات"),
    "lantern": ("lantern|paper lantern", "farol/m|farolillo/m", "灯笼/个", "فانوس/m/فوانيس"),
    "bell": ("bell", "campana/f", "铃铛/个|钟铃/个", "جرس/m/أجراس"),
    "key": ("key", "llave/f", "钥匙/把", "مفتاح/m/مفاتيح"),
    "book": ("book", "libro/m", "书/本|书本/本", "كتاب/m/كتب"),
    "box": ("box|package|cardboard box", "caja/f|paquete/m", "箱子/个|盒子/个", "صندوق/m/صناديق"),
    "gift": ("gift|present", "regalo/m", "礼物/份", "هدية/f/هدايا"),
    "bucket": ("bucket|pail", "cubo/m|balde/m", "水桶/个|桶/个", "دلو/m/دلاء"),
    "basket": ("basket", "cesta/f", "篮子/个", "سلة/f/سلال"),
    "broom": ("broom", "escoba/f", "扫帚/把", "مكنسة/f/مكانس"),
    "scissors": ("scissors/scissors/=", "tijeras/fp", "剪刀/把", "مقص/m/مقصات"),
    "toothbrush": ("toothbrush", "cepillo de dientes/m/cepillos de dientes", "牙刷/支", "فرشاة+أسنان/f/فرش أسنان"),
    "umbrella": ("umbrella|parasol", "paraguas/m/paraguas|sombrilla/f", "伞/把|雨伞/把", "مظلة/f|شمسية/f/شماسي"),
    "backpack": ("backpack|rucksack", "mochila/f", "背包/个|书包/个", "حقيبة+ظهر/f/حقائب ظهر"),
    "handbag": ("handbag|purse", "bolso/m|cartera/f", "手提包/个", "حقيبة+يد/f/حقائب يد"),
    "suitcase": ("suitcase|luggage/suitcases|travel bag", "maleta/f|valija/f", "行李箱/个|手提箱/个", "حقيبة/f/حقائب|حقيبة+سفر/f/حقائب سفر"),
    "shopping cart": ("shopping cart|shopping trolley", "carrito de la compra/m/carritos de la compra", "购物车/辆", "عربة+تسوق/f/عربات تسوق"),
    "tie": ("tie|necktie", "corbata/f", "领带/条", "ربطة+عنق/f/ربطات عنق"),
    "dress": ("dress|gown", "vestido/m", "连衣裙/条|裙子/条", "فستان/m/فساتين"),
    "t-shirt": ("t-shirt", "camiseta/f", "T恤/件|短袖/件", "قميص/m/قمصان"),
    "jeans": ("jeans/jeans/=", "vaqueros/mp", "牛仔裤/条", "بنطال+جينز/m/بناطيل جينز"),
    "shoe": ("shoe|sneaker|running shoe", "zapatilla/f|zapato/m", "鞋子/只|运动鞋/只", "حذاء/m/أحذية"),
    "boot": ("boot", "bota/f", "靴子/只", "جزمة/f/جزم"),
    "scarf": ("scarf/scarves", "bufanda/f", "围巾/条", "وشاح/m/أوشحة"),
    "gloves": ("gloves/gloves/=", "guantes/mp", "手套/副", "قفاز/m/قفازات"),
    "hat": ("hat|top hat", "sombrero/m|chistera/f", "帽子/顶|礼帽/顶", "قبعة/f"),
    "cap": ("cap|baseball cap", "gorra/f", "鸭舌帽/顶|棒球帽/顶", "قبعة~رياضية/f/قبعات رياضية"),
    "crown": ("crown", "corona/f", "皇冠/顶", "تاج/m/تيجان"),
    "teddy bear": ("teddy bear", "osito de peluche/m/ositos de peluche|oso de peluche/m/osos de peluche", "泰迪熊/只|玩具熊/只", "دب+دمية/m/دببة دمى|دمية+دب/f/دمى دببة"),
    "robot": ("robot", "robot/m/robots", "机器人/个", "روبوت/m/روبوتات"),
    "roller skate": ("roller skate", "patín de ruedas/m/patines de ruedas", "旱冰鞋/只", "مزلاج/m/مزاليج"),
    "skis": ("skis/skis/=|pair of skis/pairs of skis", "esquís/mp", "滑雪板/副|雪板/副", "زلاجة/f"),
    "tennis racket": ("tennis racket|racket", "raqueta de tenis/f/raquetas de tenis|raqueta/f", "网球拍/只", "مضرب+تنس/m/مضارب تنس"),
    "boxing glove": ("boxing glove", "guante de boxeo/m/guantes de boxeo", "拳击手套/只", "قفاز+ملاكمة/m/قفازات ملاكمة"),
    "trophy": ("trophy", "trofeo/m", "奖杯/个", "كأس/f/كؤوس"),
    "guitar": ("guitar|electric guitar", "guitarra/f", "吉他/把", "غيتار/m/غيتارات"),
    "violin": ("violin|fiddle", "violín/m", "小提琴/把", "كمان/m/كمانات"),
    "drum": ("drum", "tambor/m", "鼓/面", "طبلة/f/طبول"),
    "trumpet": ("trumpet", "trompeta/f", "小号/把", "بوق/m/أبواق"),
    "star": ("star", "estrella/f", "星星/颗", "نجمة/f/نجوم"),
    "diamond": ("diamond|gem|jewel", "diamante/m|gema/f", "钻石/颗|宝石/颗", "جوهرة/f/جواهر|ماسة/f"),
    "anchor": ("anchor", "ancla/f", "锚/个|船锚/个", "مرساة/f/مراس"),
    "traffic light": ("traffic light|stoplight", "semáforo/m", "红绿灯/个|交通灯/个", "إشارة+مرور/f/إشارات مرور"),
    "stop sign": ("stop sign", "señal de stop/f/señales de stop", "停车标志/个|停止标志/个", "علامة+توقف/f/علامات توقف"),
    "fire extinguisher": ("fire extinguisher", "extintor/m", "灭火器/个", "مطفأة+حريق/f/مطافئ حريق"),
    "bottle": ("bottle|champagne bottle", "botella/f", "瓶子/个|酒瓶/个", "زجاجة/f|قنينة/f/قنان"),
    "wine glass": ("wine glass|glass of wine/glasses of wine", "copa de vino/f/copas de vino|copa/f", "酒杯/只|葡萄酒杯/只", "كأس+شراب/f/كؤوس شراب"),
    "cup": ("cup|coffee cup|cup of coffee/cups of coffee|mug", "taza/f|taza de café/f/tazas de café", "杯子/个|咖啡杯/个", "فنجان/m/فناجين|كوب/m/أكواب"),
    "teapot": ("teapot", "tetera/f", "茶壶/把", "إبريق/m/أباريق"),
    "glass of milk": ("glass of milk/glasses of milk", "vaso de leche/m/vasos de leche", "牛奶/杯", "كوب+حليب/m/أكواب حليب"),
    "fork": ("fork", "tenedor/m", "叉子/把", "شوكة/f/شوك"),
    "knife": ("knife/knives", "cuchillo/m", "刀/把|菜刀/把", "سكين/m/سكاكين"),
    "spoon": ("spoon", "cuchara/f", "勺子/把|汤匙/把", "ملعقة/f/ملاعق"),
    "bowl": ("bowl|dish", "cuenco/m|bol/m/boles|tazón/m", "碗/个", "وعاء/m/أوعية|طبق/m/أطباق"),
    "banana": ("banana", "plátano/m|banana/f", "香蕉/根", "موزة/f"),
    "apple": ("apple", "manzana/f", "苹果/个", "تفاحة/f"),
    "orange": ("orange|tangerine", "naranja/f|mandarina/f", "橙子/个|橘子/个", "برتقالة/f"),
    "lemon": ("lemon", "limón/m", "柠檬/个", "ليمونة/f"),
    "strawberry": ("strawberry", "fresa/f", "草莓/颗", "حبة+فراولة/f/حبات فراولة"),
    "cherries": ("cherries/cherries/=", "cerezas/fp", "樱桃/串", "حبة+كرز/f/حبات كرز"),
    "grapes": ("grapes/grapes/=|bunch of grapes/bunches of grapes", "uvas/fp|racimo de uvas/m/racimos de uvas", "葡萄/串", "عنقود+عنب/m/عناقيد عنب"),
    "watermelon": ("watermelon|slice of watermelon/slices of watermelon", "sandía/f", "西瓜/块", "بطيخة/f"),
    "pineapple": ("pineapple", "piña/f", "菠萝/个", "أناناسة/f"),
    "tomato": ("tomato/tomatoes", "tomate/m", "西红柿/个|番茄/个", "حبة+طماطم/f/حبات طماطم"),
    "eggplant": ("eggplant|aubergine", "berenjena/f", "茄子/个", "باذنجانة/f"),
    "corn": ("corn cob|ear of corn/ears of corn|corn", "mazorca/f|mazorca de maíz/f/mazorcas de maíz", "玉米/根", "كوز+ذرة/m/أكواز ذرة"),
    "broccoli": ("broccoli/broccolis", "brócoli/m/brócolis", "西兰花/颗", "بروكلي/m/رؤوس بروكلي"),
    "carrot": ("carrot", "zanahoria/f", "胡萝卜/根", "جزرة/f"),
    "pumpkin": ("pumpkin|jack-o-lantern", "calabaza/f", "南瓜/个|南瓜灯/个", "يقطينة/f|قرعة/f"),
    "sandwich": ("sandwich", "sándwich/m/sándwiches|bocadillo/m", "三明治/个", "شطيرة/f/شطائر|ساندويتش/m/ساندويتشات"),
    "hot dog": ("hot dog", "perrito caliente/m/perritos calientes", "热狗/个", "هوت+دوغ/m/قطع هوت دوغ|نقانق/m/نقانق"),
    "hamburger": ("hamburger|burger", "hamburguesa/f", "汉堡/个|汉堡包/个", "برغر/m/قطع برغر|شطيرة+برغر/f/شطائر برغر"),
    "pizza": ("pizza|slice of pizza/slices of pizza", "pizza/f", "披萨/块|比萨/块", "بيتزا/f/قطع بيتزا|قطعة+بيتزا/f/قطع بيتزا"),
    "bread": ("loaf of bread/loaves of bread|bread/breads", "pan/m|barra de pan/f/barras de pan", "面包/个", "رغيف+خبز/m/أرغفة خبز"),
    "croissant": ("croissant", "cruasán/m/cruasanes", "羊角面包/个|可颂/个", "كرواسون/m/قطع كرواسون"),
    "cheese": ("piece of cheese/pieces of cheese|cheese", "queso/m|trozo de queso/m/trozos de queso", "奶酪/块|芝士/块", "قطعة+جبن/f/قطع جبن"),
    "egg": ("egg", "huevo/m", "鸡蛋/个|蛋/个", "بيضة/f"),
    "donut": ("donut|doughnut", "dónut/m/dónuts|rosquilla/f", "甜甜圈/个", "دونات/m/قطع دونات|كعكة~محلاة/f/كعكات محلاة"),
    "cake": ("cake|birthday cake", "tarta/f|pastel/m|torta/f", "蛋糕/个|生日蛋糕/个", "كعكة/f"),
    "cupcake": ("cupcake|muffin", "magdalena/f", "纸杯蛋糕/个", "كعكة~صغيرة/f/كعكات صغيرة"),
    "ice cream": ("ice cream/ice creams|ice cream cone", "helado/m|cucurucho/m", "冰淇淋/个|冰激凌/个", "آيس+كريم/m/قطع آيس كريم|مثلجات/f/مثلجات"),
}  # fmt: skip

FEMININE_WITH_UN: Final = ("águila", "ancla", "ánfora", "ave", "hada")  # Spanish words with a stressed a: "un águila"


@lru_cache(maxsize=4096)
def names(key: str, language: Language) -> tuple[Name, ...]:
    """The names of a noun in a language, the most common one first. KeyError for an unknown noun."""
    read = {"en": _english, "es": _spanish, "zh": _chinese_name, "ar": _arabic}[language]
    return tuple(read(entry.split("/")) for entry in NAMES[key][LANGUAGES.index(language)].split("|"))


def _english(fields: list[str]) -> Name:
    one = fields[0]
    if len(fields) > 1:
        return Name(one=one, many=fields[1], plural=len(fields) > 2)
    if one.endswith("y") and one[-2] not in "aeiou":
        return Name(one=one, many=one[:-1] + "ies")
    return Name(one=one, many=one + ("es" if one.endswith(("s", "x", "ch", "sh")) else "s"))


def _spanish(fields: list[str]) -> Name:
    one, gender = fields[0], fields[1]
    many = fields[2] if len(fields) > 2 else _spanish_plural(one)
    plural = gender.endswith("p")
    return Name(one=one, many=one if plural else many, gender="f" if gender[0] == "f" else "m", plural=plural)


def _spanish_plural(word: str) -> str:
    if word[-1] in "aeiouéó":
        return word + "s"
    if word.endswith("z"):
        return word[:-1] + "ces"
    for accented, plain in (("ón", "on"), ("án", "an"), ("ín", "in"), ("én", "en"), ("ás", "as")):
        if word.endswith(accented):
            return word[: -len(accented)] + plain + "es"
    return word + "es"


def _chinese_name(fields: list[str]) -> Name:
    return Name(one=fields[0], many=fields[0], measure=fields[1])


def _arabic(fields: list[str]) -> Name:
    written, gender = fields[0], fields[1]
    one = written.replace("+", " ").replace("~", " ")
    many = fields[2] if len(fields) > 2 else one.removesuffix("ة") + "ات"
    if "+" in written:
        head, rest = written.split("+")
        two = arabic_dual(head)[:-1] + " " + rest
    else:
        two = " ".join(arabic_dual(part) for part in written.split("~"))
    return Name(one=one, many=many, gender="f" if gender == "f" else "m", two=two)


def arabic_dual(word: str) -> str:
    """The nominative dual of a singular noun or adjective."""
    if word.endswith("ة"):
        return word[:-1] + "تان"
    if word.endswith("اء"):
        return word[:-1] + "وان"
    return word.removesuffix("ى") + ("يان" if word.endswith("ى") else "ان")


def arabic_case(dual: str, oblique: bool) -> str:
    """A dual after a preposition: سيارتان -> سيارتين, سيارتا شرطة -> سيارتي شرطة."""
    if not oblique:
        return dual
    if dual.endswith("ان"):
        return dual[:-2] + "ين"
    return dual[:-1] + "ي" if dual.endswith("تا") else dual
