# ruff: noqa: E501 (tables: one thing a line)
"""Arabic.

Nouns are singular/gender/plural; in the singular "+" joins an idafa and "~" a noun and its adjective, which the dual
needs to know. Colours are m/f; verbs are m/f/dual m/dual f/plural m/plural f. Started from the Unicode CLDR names that
the `emoji` package carries, then corrected by hand.
"""

import re
from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import actors, sentence, verb_forms
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


NOUNS: Final[Table] = {
    "person": "شخص/m/أشخاص", "man": "رجل/m/رجال", "woman": "امرأة/f/نساء|امرأة~شابة/f/نساء شابات", "boy": "ولد/m/أولاد|صبي/m/صبيان",
    "girl": "فتاة/f/فتيات|بنت/f/بنات", "child": "طفل/m/أطفال", "old man": "رجل~عجوز/m/رجال عجائز|جد/m/أجداد",
    "old woman": "امرأة~عجوز/f/نساء عجائز|جدة/f", "cyclist": "راكب+دراجة/m/راكبو دراجات", "superhero": "بطل~خارق/m/أبطال خارقون",
    "mermaid": "حورية+بحر/f/حوريات بحر", "fairy": "جنية/f", "cat": "قطة/f/قطط|قط/m/قطط", "dog": "كلب/m/كلاب|جرو/m/جراء",
    "golden retriever": "كلب~ذهبي/m/كلاب ذهبية", "poodle": "كلب+بودل/m/كلاب بودل", "horse": "حصان/m/أحصنة|خيل/m/خيول", "sheep": "خروف/m/خراف",
    "cow": "بقرة/f/أبقار", "elephant": "فيل/m/أفيال", "bear": "دب/m/دببة", "zebra": "حمار~وحشي/m/حمير وحشية", "giraffe": "زرافة/f",
    "rabbit": "أرنب/m/أرانب", "mouse": "فأر/m/فئران", "rat": "جرذ/m/جرذان", "ox": "ثور/m/ثيران", "buffalo": "جاموس/m/جواميس",
    "bison": "بيسون/m/بيسونات", "tiger": "نمر/m/نمور", "leopard": "فهد/m/فهود", "lion": "أسد/m/أسود", "dragon": "تنين/m/تنانين",
    "crocodile": "تمساح/m/تماسيح", "snail": "حلزون/m/حلزونات", "snake": "ثعبان/m/ثعابين|أفعى/f/أفاع", "ram": "كبش/m/كباش",
    "goat": "ماعز/m/مواعز|معزة/f/معزات", "monkey": "قرد/m/قرود", "pig": "خنزير/m/خنازير", "camel": "جمل/m/جمال", "squirrel": "سنجاب/m/سناجب",
    "fox": "ثعلب/m/ثعالب", "wolf": "ذئب/m/ذئاب", "panda": "باندا/m/باندات", "koala": "كوالا/m/كوالات", "raccoon": "راكون/m/راكونات",
    "deer": "غزال/m/غزلان|أيل/m/أيائل", "gorilla": "غوريلا/f/غوريلات", "rhinoceros": "وحيد+القرن/m/وحيدات القرن",
    "hippopotamus": "فرس+نهر/m/أفراس نهر", "kangaroo": "كنغر/m/كناغر", "llama": "لاما/f/لامات", "hedgehog": "قنفذ/m/قنافذ", "badger": "غرير/m/غريرات",
    "skunk": "ظربان/m/ظرابين", "beaver": "قندس/m/قنادس", "mammoth": "ماموث/m/ماموثات", "donkey": "حمار/m/حمير", "seal": "فقمة/f",
    "dinosaur": "ديناصور/m/ديناصورات", "tyrannosaurus": "تيرانوصور/m/تيرانوصورات", "turtle": "سلحفاة/f/سلاحف", "lizard": "سحلية/f/سحالي",
    "frog": "ضفدع/m/ضفادع", "crab": "سلطعون/m/سلطعونات", "lobster": "كركند/m/كركندات", "scorpion": "عقرب/f/عقارب", "spider": "عنكبوت/m/عناكب",
    "ant": "نملة/f", "caterpillar": "يرقة/f", "ladybug": "دعسوقة/f/دعاسيق", "bird": "طائر/m/طيور|عصفور/m/عصافير", "seagull": "نورس/m/نوارس",
    "dove": "حمامة/f", "eagle": "نسر/m/نسور", "duck": "بطة/f", "goose": "إوزة/f", "swan": "بجعة/f", "flamingo": "فلامينغو/m/طيور فلامينغو",
    "parrot": "ببغاء/m/ببغاوات", "owl": "بومة/f", "peacock": "طاووس/m/طواويس", "turkey": "ديك~رومي/m/ديوك رومية", "rooster": "ديك/m/ديوك",
    "chicken": "دجاجة/f", "chick": "كتكوت/m/كتاكيت|صوص/m/صيصان", "penguin": "بطريق/m/بطاريق", "dodo": "دودو/m/طيور دودو", "bat": "خفاش/m/خفافيش",
    "bee": "نحلة/f", "butterfly": "فراشة/f", "fish": "سمكة/f/أسماك", "tropical fish": "سمكة~استوائية/f/أسماك استوائية",
    "pufferfish": "سمكة~منتفخة/f/أسماك منتفخة", "shark": "قرش/m/قروش", "dolphin": "دلفين/m/دلافين", "whale": "حوت/m/حيتان",
    "octopus": "أخطبوط/m/أخطبوطات", "jellyfish": "قنديل+بحر/m/قناديل بحر", "car": "سيارة/f", "suv": "سيارة+جيب/f/سيارات جيب",
    "taxi": "تاكسي/m/تاكسيات|سيارة+أجرة/f/سيارات أجرة", "police car": "سيارة+شرطة/f/سيارات شرطة", "racing car": "سيارة+سباق/f/سيارات سباق",
    "bus": "حافلة/f|باص/m/باصات", "minibus": "حافلة~صغيرة/f/حافلات صغيرة", "ambulance": "سيارة+إسعاف/f/سيارات إسعاف",
    "fire truck": "سيارة+إطفاء/f/سيارات إطفاء", "truck": "شاحنة/f", "semi truck": "شاحنة~كبيرة/f/شاحنات كبيرة",
    "pickup truck": "شاحنة~خفيفة/f/شاحنات خفيفة", "tractor": "جرار/m/جرارات", "rickshaw": "توكتوك/m/توكتوكات",
    "bicycle": "دراجة/f|دراجة~هوائية/f/دراجات هوائية", "motorcycle": "دراجة~نارية/f/دراجات نارية", "scooter": "سكوتر/m/سكوترات",
    "kick scooter": "سكوتر~صغير/m/سكوترات صغيرة", "skateboard": "لوح+تزلج/m/ألواح تزلج", "sled": "مزلجة/f/مزالج", "train": "قطار/m/قطارات",
    "high-speed train": "قطار~سريع/m/قطارات سريعة", "tram": "ترام/m/ترامات", "carousel horse": "حصان+دوامة/m/أحصنة دوامة",
    "boat": "قارب/m/قوارب|مركب~شراعي/m/مراكب شراعية", "speedboat": "قارب~سريع/m/قوارب سريعة", "motorboat": "زورق~بخاري/m/زوارق بخارية|يخت/m/يخوت",
    "ship": "سفينة/f/سفن", "cruise ship": "سفينة~سياحية/f/سفن سياحية", "ferry": "عبارة/f", "canoe": "زورق/m/زوارق", "airplane": "طائرة/f",
    "propeller plane": "طائرة~صغيرة/f/طائرات صغيرة", "helicopter": "مروحية/f|هليكوبتر/f/هليكوبترات", "rocket": "صاروخ/m/صواريخ",
    "flying saucer": "صحن~طائر/m/صحون طائرة", "parachute": "مظلة+هبوط/f/مظلات هبوط", "sports ball": "كرة/f|كرة+قدم/f/كرات قدم",
    "basketball": "كرة+سلة/f/كرات سلة", "volleyball": "كرة~طائرة/f/كرات طائرة", "baseball": "كرة+بيسبول/f/كرات بيسبول",
    "american football": "كرة~أمريكية/f/كرات أمريكية", "ball": "كرة+بلياردو/f/كرات بلياردو",
    "frisbee": "فريسبي/m/أقراص فريسبي|قرص~طائر/m/أقراص طائرة", "yo-yo": "يويو/m/يويوات", "balloon": "بالون/m/بالونات",
    "kite": "طائرة~ورقية/f/طائرات ورقية", "house": "منزل/m/منازل|بيت/m/بيوت", "cottage": "بيت~ريفي/m/بيوت ريفية", "castle": "قلعة/f/قلاع",
    "church": "كنيسة/f/كنائس", "mosque": "مسجد/m/مساجد", "school": "مدرسة/f/مدارس", "hut": "كوخ/m/أكواخ", "tent": "خيمة/f/خيام",
    "circus tent": "خيمة+سيرك/f/خيام سيرك", "ferris wheel": "عجلة~دوارة/f/عجلات دوارة", "fountain": "نافورة/f/نوافير", "statue": "تمثال/m/تماثيل",
    "tower": "برج/m/أبراج", "slide": "زحليقة/f/زحاليق", "rock": "صخرة/f/صخور", "tree": "شجرة/f/أشجار", "fir tree": "شجرة+صنوبر/f/أشجار صنوبر",
    "palm tree": "نخلة/f/نخيل", "christmas tree": "شجرة+ميلاد/f/أشجار ميلاد", "cactus": "صبارة/f", "potted plant": "نبتة+أصيص/f/نباتات أصيص",
    "leaf": "ورقة+شجر/f/أوراق شجر", "mushroom": "فطر/m/فطور", "rose": "وردة/f/ورود", "tulip": "توليب/m/زهور توليب",
    "sunflower": "زهرة+عباد/f/زهور عباد", "flower": "زهرة/f/زهور", "bouquet": "باقة+زهور/f/باقات زهور", "snowman": "رجل+ثلج/m/رجال ثلج",
    "chair": "كرسي/m/كراسي", "couch": "أريكة/f/أرائك|كنبة/f", "bed": "سرير/m/أسرة", "toilet": "مرحاض/m/مراحيض",
    "bathtub": "حوض+استحمام/m/أحواض استحمام", "door": "باب/m/أبواب", "mirror": "مرآة/f/مرايا", "ladder": "سلم/m/سلالم",
    "tv": "تلفاز/m/تلفازات|تلفزيون/m/تلفزيونات", "desktop computer": "حاسوب/m/حواسيب", "laptop": "حاسوب~محمول/m/حواسيب محمولة",
    "keyboard": "لوحة+مفاتيح/f/لوحات مفاتيح", "cell phone": "هاتف/m/هواتف|هاتف~محمول/m/هواتف محمولة", "radio": "راديو/m/راديوهات|مذياع/m/مذاييع",
    "camera": "آلة+تصوير/f/آلات تصوير", "clock": "ساعة/f|ساعة+مكتب/f/ساعات مكتب", "alarm clock": "منبه/m/منبهات", "watch": "ساعة+يد/f/ساعات يد",
    "vase": "مزهرية/f", "lamp": "مصباح/m/مصابيح", "candle": "شمعة/f/شموع", "flashlight": "كشاف/m/كشافات", "lantern": "فانوس/m/فوانيس",
    "bell": "جرس/m/أجراس", "key": "مفتاح/m/مفاتيح", "book": "كتاب/m/كتب", "box": "صندوق/m/صناديق", "gift": "هدية/f/هدايا", "bucket": "دلو/m/دلاء",
    "basket": "سلة/f/سلال", "broom": "مكنسة/f/مكانس", "scissors": "مقص/m/مقصات", "toothbrush": "فرشاة+أسنان/f/فرش أسنان",
    "umbrella": "مظلة/f|شمسية/f/شماسي", "backpack": "حقيبة+ظهر/f/حقائب ظهر", "handbag": "حقيبة+يد/f/حقائب يد",
    "suitcase": "حقيبة/f/حقائب|حقيبة+سفر/f/حقائب سفر", "shopping cart": "عربة+تسوق/f/عربات تسوق", "tie": "ربطة+عنق/f/ربطات عنق",
    "dress": "فستان/m/فساتين", "t-shirt": "قميص/m/قمصان", "jeans": "بنطال+جينز/m/بناطيل جينز", "shoe": "حذاء/m/أحذية", "boot": "جزمة/f/جزم",
    "scarf": "وشاح/m/أوشحة", "gloves": "قفاز/m/قفازات", "hat": "قبعة/f", "cap": "قبعة~رياضية/f/قبعات رياضية", "crown": "تاج/m/تيجان",
    "teddy bear": "دب+دمية/m/دببة دمى|دمية+دب/f/دمى دببة", "robot": "روبوت/m/روبوتات", "roller skate": "مزلاج/m/مزاليج", "skis": "زلاجة/f",
    "tennis racket": "مضرب+تنس/m/مضارب تنس", "boxing glove": "قفاز+ملاكمة/m/قفازات ملاكمة", "trophy": "كأس/f/كؤوس", "guitar": "غيتار/m/غيتارات",
    "violin": "كمان/m/كمانات", "drum": "طبلة/f/طبول", "trumpet": "بوق/m/أبواق", "star": "نجمة/f/نجوم", "diamond": "جوهرة/f/جواهر|ماسة/f",
    "anchor": "مرساة/f/مراس", "traffic light": "إشارة+مرور/f/إشارات مرور", "stop sign": "علامة+توقف/f/علامات توقف",
    "fire extinguisher": "مطفأة+حريق/f/مطافئ حريق", "bottle": "زجاجة/f|قنينة/f/قنان", "wine glass": "كأس+شراب/f/كؤوس شراب",
    "cup": "فنجان/m/فناجين|كوب/m/أكواب", "teapot": "إبريق/m/أباريق", "glass of milk": "كوب+حليب/m/أكواب حليب", "fork": "شوكة/f/شوك",
    "knife": "سكين/m/سكاكين", "spoon": "ملعقة/f/ملاعق", "bowl": "وعاء/m/أوعية|طبق/m/أطباق", "banana": "موزة/f", "apple": "تفاحة/f",
    "orange": "برتقالة/f", "lemon": "ليمونة/f", "strawberry": "حبة+فراولة/f/حبات فراولة", "cherries": "حبة+كرز/f/حبات كرز",
    "grapes": "عنقود+عنب/m/عناقيد عنب", "watermelon": "بطيخة/f", "pineapple": "أناناسة/f", "tomato": "حبة+طماطم/f/حبات طماطم",
    "eggplant": "باذنجانة/f", "corn": "كوز+ذرة/m/أكواز ذرة", "broccoli": "بروكلي/m/رؤوس بروكلي", "carrot": "جزرة/f", "pumpkin": "يقطينة/f|قرعة/f",
    "sandwich": "شطيرة/f/شطائر|ساندويتش/m/ساندويتشات", "hot dog": "هوت+دوغ/m/قطع هوت دوغ|نقانق/m/نقانق",
    "hamburger": "برغر/m/قطع برغر|شطيرة+برغر/f/شطائر برغر", "pizza": "بيتزا/f/قطع بيتزا|قطعة+بيتزا/f/قطع بيتزا", "bread": "رغيف+خبز/m/أرغفة خبز",
    "croissant": "كرواسون/m/قطع كرواسون", "cheese": "قطعة+جبن/f/قطع جبن", "egg": "بيضة/f", "donut": "دونات/m/قطع دونات|كعكة~محلاة/f/كعكات محلاة",
    "cake": "كعكة/f", "cupcake": "كعكة~صغيرة/f/كعكات صغيرة", "ice cream": "آيس+كريم/m/قطع آيس كريم|مثلجات/f/مثلجات",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "أحمر/حمراء", "green": "أخضر/خضراء", "blue": "أزرق/زرقاء", "yellow": "أصفر/صفراء", "orange": "برتقالي/برتقالية",
        "purple": "بنفسجي/بنفسجية|أرجواني/أرجوانية", "pink": "وردي/وردية|زهري/زهرية", "black": "أسود/سوداء", "white": "أبيض/بيضاء",
    },
    numbers={"3": "ثلاثة/ثلاث", "4": "أربعة/أربع"},
    verbs={
        "move": "يتحرك/تتحرك/يتحركان/تتحركان/يتحركون/يتحركن", "play": "يلعب/تلعب/يلعبان/تلعبان/يلعبون/يلعبن",
        "stand": "يقف/تقف/يقفان/تقفان/يقفون/يقفن", "walk": "يمشي/تمشي/يمشيان/تمشيان/يمشون/يمشين|يسير/تسير/يسيران/تسيران/يسيرون/يسرن",
        "run": "يركض/تركض/يركضان/تركضان/يركضون/يركضن|يجري/تجري/يجريان/تجريان/يجرون/يجرين", "hop": "يقفز/تقفز/يقفزان/تقفزان/يقفزون/يقفزن",
        "dance": "يرقص/ترقص/يرقصان/ترقصان/يرقصون/يرقصن", "fly": "يطير/تطير/يطيران/تطيران/يطيرون/يطرن|يحلق/تحلق/يحلقان/تحلقان/يحلقون/يحلقن",
        "drive": "يسير/تسير/يسيران/تسيران/يسيرون/يسرن|ينطلق/تنطلق/ينطلقان/تنطلقان/ينطلقون/ينطلقن",
        "ride": "يتحرك/تتحرك/يتحركان/تتحركان/يتحركون/يتحركن|يسير/تسير/يسيران/تسيران/يسيرون/يسرن", "sail": "يبحر/تبحر/يبحران/تبحران/يبحرون/يبحرن",
        "swim": "يسبح/تسبح/يسبحان/تسبحان/يسبحون/يسبحن", "roll": "يتدحرج/تتدحرج/يتدحرجان/تتدحرجان/يتدحرجون/يتدحرجن",
        "bounce": "يرتد/ترتد/يرتدان/ترتدان/يرتدون/يرتددن", "rise": "يصعد/تصعد/يصعدان/تصعدان/يصعدون/يصعدن|يرتفع/ترتفع/يرتفعان/ترتفعان/يرتفعون/يرتفعن",
        "fall": "يسقط/تسقط/يسقطان/تسقطان/يسقطون/يسقطن",
    },
    directions={
        "left": "نحو اليسار|إلى اليسار|من اليمين إلى اليسار", "right": "نحو اليمين|إلى اليمين|من اليسار إلى اليمين",
        "towards": "نحو الكاميرا|باتجاه الكاميرا", "away": "بعيدا عن الكاميرا|نحو الأفق",
    },
    places={
        "park": "في الحديقة|في حديقة|في حديقة عامة", "beach": "على الشاطئ|على شاطئ رملي|عند الشاطئ",
        "city": "في شارع المدينة|في المدينة|في مدينة مزدحمة|في شارع مزدحم", "snow": "في حقل ثلجي|في حقل مغطى بالثلوج|في سهل ثلجي",
        "desert": "في الصحراء|في صحراء|بين الكثبان الرملية", "sea": "في البحر|على سطح البحر|في المحيط",
        "mountains": "في الجبال|بين الجبال|أمام الجبال", "room": "في غرفة|في الغرفة|في غرفة المعيشة|داخل غرفة",
    },
    through={
        "park": "عبر الحديقة", "beach": "على طول الشاطئ", "city": "عبر مدينة مزدحمة|عبر المدينة", "snow": "عبر حقل ثلجي", "desert": "عبر الصحراء",
        "mountains": "عبر الجبال",
    },
    weather_in={
        "park": "في حديقة {f}", "beach": "على شاطئ {m}", "city": "في مدينة {f}|في شارع {m}", "desert": "في صحراء {f}", "sea": "في بحر {m}",
        "mountains": "في جبال {f}",
    },
    adjectives={"snow": "مثلج/مثلجة", "rain": "ماطر/ماطرة", "fog": "ضبابي/ضبابية"},
    stages={
        "park": "حديقة هادئة|حديقة جميلة", "beach": "شاطئ هادئ|شاطئ جميل|شاطئ رملي", "city": "شارع في المدينة|مدينة مزدحمة|شارع هادئ",
        "snow": "حقل ثلجي|حقل مغطى بالثلوج", "desert": "صحراء واسعة|صحراء ذات كثبان", "sea": "بحر هادئ|البحر المفتوح",
        "mountains": "جبال شامخة|منظر جبلي", "room": "غرفة دافئة|غرفة معيشة",
    },
    waves={"beach": "أمواج تتكسر بلطف|أمواج هادئة", "sea": "أمواج هادئة|أمواج لطيفة"},
    daytimes={
        "day": "نهارا|في النهار|في وضح النهار", "sunset": "عند الغروب|وقت الغروب|عند غروب الشمس", "night": "ليلا|في الليل|تحت ضوء القمر",
    },
    weathers={
        "clear": "تحت سماء صافية|في طقس صاف", "snow": "تحت الثلج المتساقط|بينما يتساقط الثلج|في الثلج", "rain": "تحت المطر|بينما يهطل المطر|في المطر",
        "leaves": "مع تساقط أوراق الخريف|بينما تتساقط أوراق الخريف", "fog": "في الضباب|وسط الضباب|في ضباب كثيف",
    },
    cameras={
        "static": "كاميرا ثابتة|لقطة ثابتة", "pan left": "الكاميرا تتحرك يسارا|تحريك الكاميرا إلى اليسار",
        "pan right": "الكاميرا تتحرك يمينا|تحريك الكاميرا إلى اليمين", "tilt up": "الكاميرا تميل إلى الأعلى|إمالة الكاميرا إلى الأعلى",
        "tilt down": "الكاميرا تميل إلى الأسفل|إمالة الكاميرا إلى الأسفل", "zoom in": "الكاميرا تقترب|تكبير الصورة",
        "zoom out": "الكاميرا تبتعد|تصغير الصورة",
    },
    styles={
        "paper": "مسرح ورقي|بأسلوب قصاصات الورق", "cartoon": "رسوم متحركة|بأسلوب الكرتون", "noir": "بالأبيض والأسود|فيلم نوار بالأبيض والأسود",
        "vintage": "فيلم قديم|بأسلوب قديم بني", "watercolor": "لوحة مائية|بأسلوب الألوان المائية", "pixel": "فن البكسل|بأسلوب البكسل",
    },
    relations={
        "left of": "على يسار|إلى يسار", "right of": "على يمين|إلى يمين", "on top of": "فوق|أعلى", "behind": "خلف|وراء", "in front of": "أمام|قدام",
        "on the bottom of": "تحت|أسفل",
    },
    behind={"tree": "مرورا خلف شجرة", "rock": "مرورا خلف صخرة", "pillar": "مرورا خلف عمود"},
    views={"overhead": "في السماء", "front": "منظر أمامي"},
    glue="و في على مع من إلى عند ب ملابس بملابس فستان بفستان قميص بقميص هذا هذه هناك عن ثم بعض عدة واحد واحدة فيديو فيلم مشهد لقطة جدا كبير كبيرة "
    "صغير صغيرة جميل جميلة",
    small="أيضا هنا معا ببطء بسرعة وحيدا وحده",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    written, gender = fields[0], fields[1]
    one = written.replace("+", " ").replace("~", " ")
    many = fields[2] if len(fields) > 2 else one.removesuffix("ة") + "ات"
    if "+" in written:
        head, rest = written.split("+")
        two = arabic_dual(head)[:-1] + " " + rest
    else:
        two = " ".join(arabic_dual(part) for part in written.split("~"))
    oblique = " ".join(arabic_case(part, True) for part in two.split(" "))
    return Name(one=one, many=many, gender="f" if gender == "f" else "m", two=two, oblique=oblique)


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "سيارتان حمراوان"; people wear the colour; `oblique`: a dual after a preposition."""
    name = group.name
    feminine = name.gender == "f"
    color = _color(group, pen, oblique) if group.color else ""
    if group.count == 1:
        return name.one + color
    if group.count == 2:
        return (name.oblique if oblique else name.two) + color
    if group.count == 0:
        return name.many + color
    return pen.pack.phrase("numbers", str(group.count)).split("/")[feminine] + f" {name.many}{color}"


def _color(group: Group, pen: Pen, oblique: bool) -> str:
    forms, feminine = pen.word("colors", group.color).split("/"), group.name.gender == "f"
    if group.human:
        dressed = group.woman and group.count == 1 and pen.chance(0.6)
        return f" بفستان {forms[0]}" if dressed else f" بملابس {forms[1]}"
    if group.count == 1:
        return " " + forms[feminine]
    if group.count == 2:
        return " " + arabic_case(arabic_dual(forms[feminine]), oblique)
    return " " + forms[1]


def verb(plan: CaptionPlan, group: Group, pen: Pen, action: str, finite: bool) -> str:
    """Always in the present tense; things in the plural take the feminine."""
    forms, number = verb_forms(group, pen, action), actors(plan, group)
    feminine = group.name.gender == "f"
    if number == 1:
        return forms[feminine]
    if number == 2:
        return forms[2 + feminine]
    return forms[4 + feminine] if group.human else forms[1]


def _dual_colors() -> str:
    """The duals of all colours, in both cases."""
    forms = [arabic_dual(form) for text in PHRASES.colors.values() for form in re.split("[|/]", text)]
    return " ".join([*forms, *(arabic_case(form, True) for form in forms)])


ARABIC: Final = LanguagePack(
    key="ar",
    title="Arabic",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(
        write=sentence, noun_phrase=noun, verb=verb, comma="، ", conjunctions=("مع", " و"), verb_first=True, inflected=_dual_colors,
    ),
    wording=Wording(
        synonyms=(
            ("noun", "child", "طفل", "رضيع|مولود|صغيري|ولدي"), ("noun", "child", "طفل", "رضع|صغار|أولاد صغار"),
            ("noun", "man", "رجل", "سيد|أب|والد|شاب"), ("noun", "man", "رجل", "سادة|آباء|شباب"), ("noun", "woman", "امرأة", "سيدة|أم|والدة|مرأة"),
            ("noun", "woman", "امرأة", "سيدات|أمهات"), ("noun", "dog", "كلب", "كلبة|كليب"), ("noun", "cat", "قطة", "هرة|قطيطة|بسة|هر"),
            ("noun", "horse", "حصان", "فرس|مهر|جواد"), ("noun", "bird", "~طائر", "غراب|كناري|لقلق|صقر"), ("noun", "rabbit", "أرنب", "أرنبة"),
            ("noun", "car", "سيارة", "عربية|مركبة|أوتوموبيل"), ("noun", "car", "سيارة", "عربيات|مركبات"), ("noun", "bus", "حافلة", "أتوبيس|اوتوبيس"),
            ("noun", "bicycle", "دراجة", "بسكليت|عجلة هوائية"), ("noun", "boat", "قارب", "فلوكة|مركب صيد|قارب شراعي"),
            ("noun", "airplane", "طائرة", "طيارة"), ("noun", "house", "منزل", "دار|فيلا|مسكن"), ("noun", "tree", "~شجرة", "سنديانة|زيتونة"),
            ("noun", "chair", "~كرسي", "مقعد"), ("color", "red", "أحمر", "قرمزي|أحمر داكن"), ("color", "blue", "أزرق", "كحلي|سماوي|فيروزي"),
            ("color", "green", "أخضر", "زمردي|زيتي"), ("color", "yellow", "أصفر", "ذهبية|أشقر"), ("color", "purple", "بنفسجي", "ليلكي|موف"),
            ("color", "white", "~أبيض", "فضي|فضية"), ("action", "stand", "~يقف", "ينام|يجلس|يستريح|يرقد|ينتظر"),
            ("action", "stand", "~تقف", "تنام|تجلس|تستريح|ترقد|تنتظر"), ("action", "walk", "يمشي", "يتجول|يتمشى|يخطو"),
            ("action", "walk", "تمشي", "تتجول|تتمشى"), ("action", "run", "يركض", "يهرول|يعدو|يندفع"), ("action", "run", "تركض", "تهرول|تعدو"),
            ("action", "hop", "يقفز", "يثب|ينط"), ("action", "hop", "تقفز", "تثب|تنط"), ("action", "fly", "يطير", "يرفرف"),
            ("action", "fly", "تطير", "ترفرف"), ("place", "park", "في الحديقة", "في البستان|في المرج|في المنتزه"),
            ("place", "park", "~في الحديقة", "في الغابة|في المزرعة"), ("place", "beach", "على الشاطئ", "على الساحل|عند الساحل|على الرمال"),
            ("place", "city", "في المدينة", "في البلدة|في القرية|في وسط البلد"),
            ("place", "city", "في شارع المدينة", "على الطريق|في الطريق|في الشارع"), ("place", "sea", "~في البحر", "في البحيرة|في النهر|في المسبح"),
            ("place", "room", "~في غرفة", "في المطبخ|في المكتب|في غرفة النوم|في الصف"),
            ("daytime", "sunset", "عند الغروب", "مساء|في المساء|وقت المغرب"), ("daytime", "sunset", "~عند الغروب", "عند الفجر|عند الشروق|وقت الفجر"),
            ("daytime", "night", "ليلا", "في منتصف الليل|في الظلام|الليلة"), ("daytime", "day", "في النهار", "صباحا|في الصباح|ظهرا|عند الظهر"),
            ("weather", "clear", "+تحت سماء صافية", "مشمس|مشمسة|تحت الشمس"), ("weather", "rain", "+تحت المطر", "ممطر|ممطرة|عاصفة|أمطار غزيرة"),
            ("weather", "snow", "+تحت الثلج المتساقط", "عاصفة ثلجية|ثلوج"), ("style", "cartoon", "+رسوم متحركة", "أنمي|انمي"),
            ("style", "noir", "+بالأبيض والأسود", "أحادي اللون"), ("count", "3", "ثلاثة", "3|٣"), ("count", "4", "أربعة", "4|٤"),
        ),
        dropped="فقط|وحسب|مجرد",
        unknown_places="القمر|المريخ|الفضاء|ملعب|الملعب|المطار|مطار|متحف|المتحف|المستشفى|مستشفى|كهف|الكهف|جسر|الجسر|تحت الماء",
        many="خمسة|خمس|ستة|ست|سبعة|سبع|ثمانية|ثماني|تسعة|تسع|عشرة|عشر|عشرات|مئات",
        plurals=False,
        negators="بدون أي|بدون|من دون|دون|بلا|بغير|لا يوجد|لا توجد|ليس هناك|ليس|ليست|لا",
        negation_stops="في على مع من إلى عند فقط لكن ولكن تحت خلف أمام بل بين عبر بينما نحو",
    ),
    sentences=SentenceRules(
        labels=r"(?:ال)?مشهد|(?:ال)?لقطة",
        cut=r"(?:و?ثم\s+)?(?:ننتقل|انتقل|تنتقل\s+الكاميرا|انتقال|قطع)\s+إلى\b",
        flow=r"(?:و?من\s+)?(?:و?ثم|و?بعد\s+ذلك)\b",
        settings=r"(?<!\w)(?:في|على|فوق|تحت|بين|أمام|خلف|داخل|خارج|عند|قرب|عبر|إلى|من|نحو|وسط)(?!\w)|شاطئ|حديقة|مدينة|شارع|صحراء|بحر|"
        "محيط|جبال|غرفة|غابة|سماء",
    ),
    script=r"\u0600-\u06ff",
    digits="٠١٢٣٤٥٦٧٨٩",
    prefixes=("و", "ب", "ل", "ال", "وال", "بال", "لل"),
)  # fmt: skip
