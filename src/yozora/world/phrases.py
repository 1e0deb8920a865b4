# ruff: noqa: E501 (tables: one thing a line)
"""Everything that captions say beside the names of things, in four languages, as plain data.

Synonyms are apart by "|". What depends on gender and number is written out: Spanish colours are m/f/mp/fp, Arabic ones
m/f; verbs are English gerund/singular/plural, Spanish gerund/singular/plural, Arabic m/f/dual m/dual f/plural m/plural f.
"""

from collections.abc import Mapping
from typing import Final

from yozora.world.lexicon import Language

Table = Mapping[Language, Mapping[str, str]]

COLORS: Final[Table] = {
    "en": {
        "red": "red", "green": "green", "blue": "blue", "yellow": "yellow", "orange": "orange",
        "purple": "purple|violet", "pink": "pink", "black": "black", "white": "white",
    },
    "es": {
        "red": "rojo/roja/rojos/rojas", "green": "verde/verde/verdes/verdes", "blue": "azul/azul/azules/azules",
        "yellow": "amarillo/amarilla/amarillos/amarillas",
        "orange": "naranja/naranja/naranjas/naranjas|anaranjado/anaranjada/anaranjados/anaranjadas",
        "purple": "morado/morada/morados/moradas|púrpura/púrpura/púrpuras/púrpuras|violeta/violeta/violetas/violetas",
        "pink": "rosa/rosa/rosas/rosas|rosado/rosada/rosados/rosadas", "black": "negro/negra/negros/negras",
        "white": "blanco/blanca/blancos/blancas",
    },
    "zh": {
        "red": "红色|红", "green": "绿色|绿", "blue": "蓝色|蓝", "yellow": "黄色|黄", "orange": "橙色|橘色",
        "purple": "紫色|紫", "pink": "粉色|粉红色", "black": "黑色|黑", "white": "白色|白",
    },
    "ar": {
        "red": "أحمر/حمراء", "green": "أخضر/خضراء", "blue": "أزرق/زرقاء", "yellow": "أصفر/صفراء",
        "orange": "برتقالي/برتقالية", "purple": "بنفسجي/بنفسجية|أرجواني/أرجوانية", "pink": "وردي/وردية|زهري/زهرية",
        "black": "أسود/سوداء", "white": "أبيض/بيضاء",
    },
}  # fmt: skip

NUMBERS: Final[Table] = {
    "en": {"2": "two", "3": "three", "4": "four"},
    "es": {"2": "dos", "3": "tres", "4": "cuatro"},
    "zh": {"1": "一", "2": "两", "3": "三", "4": "四"},
    "ar": {"3": "ثلاثة/ثلاث", "4": "أربعة/أربع"},
}

VERBS: Final[Table] = {  # "action:kind" goes before "action"
    "en": {
        "move": "moving/moves/move", "play": "playing/plays/play",
        "stand": "standing/stands/stand", "walk": "walking/walks/walk|strolling/strolls/stroll",
        "run": "running/runs/run", "hop": "hopping/hops/hop|jumping/jumps/jump", "dance": "dancing/dances/dance",
        "fly": "flying/flies/fly|soaring/soars/soar", "fly:balloon": "floating/floats/float|flying/flies/fly",
        "drive": "driving/drives/drive", "ride": "moving/moves/move|riding/rides/ride",
        "ride:person": "riding/rides/ride|cycling/cycles/cycle", "sail": "sailing/sails/sail",
        "swim": "swimming/swims/swim", "roll": "rolling/rolls/roll", "bounce": "bouncing/bounces/bounce",
        "rise": "rising/rises/rise|floating up/floats up/float up", "fall": "falling/falls/fall|dropping/drops/drop",
    },
    "es": {
        "move": "moviéndose/se mueve/se mueven", "play": "jugando/juega/juegan",
        "stand": "en reposo/está en reposo/están en reposo", "stand:person": "de pie/está de pie/están de pie",
        "stand:animal": "de pie/está de pie/están de pie",
        "walk": "caminando/camina/caminan|andando/anda/andan|paseando/pasea/pasean",
        "run": "corriendo/corre/corren", "hop": "saltando/salta/saltan|brincando/brinca/brincan",
        "dance": "bailando/baila/bailan", "fly": "volando/vuela/vuelan",
        "fly:balloon": "flotando/flota/flotan|volando/vuela/vuelan",
        "drive": "circulando/circula/circulan|conduciendo/conduce/conducen|avanzando/avanza/avanzan",
        "ride": "avanzando/avanza/avanzan|rodando/rueda/ruedan", "ride:person": "pedaleando/pedalea/pedalean",
        "sail": "navegando/navega/navegan", "swim": "nadando/nada/nadan", "roll": "rodando/rueda/ruedan",
        "bounce": "rebotando/rebota/rebotan|botando/bota/botan",
        "rise": "subiendo/sube/suben|elevándose/se eleva/se elevan", "fall": "cayendo/cae/caen",
    },
    "zh": {
        "move": "移动", "play": "玩耍", "stand": "站着|站立", "stand:thing": "摆放着|静静地放着", "stand:plant": "矗立着|立着",
        "stand:vehicle": "停着", "stand:ball": "静静地放着", "stand:balloon": "飘着", "stand:aircraft": "停着",
        "stand:boat": "停泊着", "walk": "行走|走路|漫步", "run": "奔跑|跑步", "hop": "蹦跳|跳跃", "dance": "跳舞",
        "fly": "飞行|飞翔|飞", "fly:balloon": "飘动|飘浮", "drive": "行驶|开", "ride": "前行|行驶", "ride:person": "骑行",
        "sail": "航行", "swim": "游泳|游动", "roll": "滚动", "bounce": "弹跳", "rise": "上升|升起", "fall": "落下|下落",
    },
    "ar": {
        "move": "يتحرك/تتحرك/يتحركان/تتحركان/يتحركون/يتحركن", "play": "يلعب/تلعب/يلعبان/تلعبان/يلعبون/يلعبن",
        "stand": "يقف/تقف/يقفان/تقفان/يقفون/يقفن",
        "walk": "يمشي/تمشي/يمشيان/تمشيان/يمشون/يمشين|يسير/تسير/يسيران/تسيران/يسيرون/يسرن",
        "run": "يركض/تركض/يركضان/تركضان/يركضون/يركضن|يجري/تجري/يجريان/تجريان/يجرون/يجرين",
        "hop": "يقفز/تقفز/يقفزان/تقفزان/يقفزون/يقفزن", "dance": "يرقص/ترقص/يرقصان/ترقصان/يرقصون/يرقصن",
        "fly": "يطير/تطير/يطيران/تطيران/يطيرون/يطرن|يحلق/تحلق/يحلقان/تحلقان/يحلقون/يحلقن",
        "drive": "يسير/تسير/يسيران/تسيران/يسيرون/يسرن|ينطلق/تنطلق/ينطلقان/تنطلقان/ينطلقون/ينطلقن",
        "ride": "يتحرك/تتحرك/يتحركان/تتحركان/يتحركون/يتحركن|يسير/تسير/يسيران/تسيران/يسيرون/يسرن",
        "sail": "يبحر/تبحر/يبحران/تبحران/يبحرون/يبحرن", "swim": "يسبح/تسبح/يسبحان/تسبحان/يسبحون/يسبحن",
        "roll": "يتدحرج/تتدحرج/يتدحرجان/تتدحرجان/يتدحرجون/يتدحرجن",
        "bounce": "يرتد/ترتد/يرتدان/ترتدان/يرتدون/يرتددن",
        "rise": "يصعد/تصعد/يصعدان/تصعدان/يصعدون/يصعدن|يرتفع/ترتفع/يرتفعان/ترتفعان/يرتفعون/يرتفعن",
        "fall": "يسقط/تسقط/يسقطان/تسقطان/يسقطون/يسقطن",
    },
}  # fmt: skip

DIRECTIONS: Final[Table] = {
    "en": {
        "left": "left|to the left|towards the left|from right to left",
        "right": "right|to the right|towards the right|from left to right",
        "towards": "towards the camera|toward the viewer|closer to the camera",
        "away": "away|away from the camera|into the distance",
    },
    "es": {
        "left": "hacia la izquierda|a la izquierda|de derecha a izquierda",
        "right": "hacia la derecha|a la derecha|de izquierda a derecha",
        "towards": "hacia la cámara|acercándose a la cámara",
        "away": "alejándose|alejándose de la cámara|a lo lejos",
    },
    "zh": {
        "left": "向左|往左|从右向左", "right": "向右|往右|从左向右", "towards": "朝镜头|向镜头", "away": "远离镜头|朝远处",
    },
    "ar": {
        "left": "نحو اليسار|إلى اليسار|من اليمين إلى اليسار", "right": "نحو اليمين|إلى اليمين|من اليسار إلى اليمين",
        "towards": "نحو الكاميرا|باتجاه الكاميرا", "away": "بعيدا عن الكاميرا|نحو الأفق",
    },
}  # fmt: skip

PLACES: Final[Table] = {  # where it happens; Chinese without 在
    "en": {
        "park": "in a park|in the park|on the grass in a park|in a grassy park", "beach": "on a beach|on the beach|at the beach|on a sandy beach",
        "city": "on a city street|in the city|in a city|on a busy street|in a bustling city",
        "snow": "in a snowy field|on a snow-covered field|in a snowy landscape",
        "desert": "in the desert|in a desert|among sand dunes", "sea": "at sea|on the sea|on the ocean|in the ocean",
        "mountains": "in the mountains|in front of mountains|in a mountain landscape",
        "room": "in a room|in a living room|indoors|inside a room",
    },
    "es": {
        "park": "en un parque|en el parque|sobre el césped de un parque", "beach": "en la playa|en una playa|en una playa de arena",
        "city": "en una calle de la ciudad|en la ciudad|en una calle concurrida|en una ciudad bulliciosa",
        "snow": "en un campo nevado|en un paisaje nevado|en un campo cubierto de nieve",
        "desert": "en el desierto|en un desierto|entre dunas de arena", "sea": "en el mar|sobre el mar|en el océano",
        "mountains": "en las montañas|en la montaña|frente a las montañas",
        "room": "en una habitación|en una sala|en una sala de estar|dentro de una habitación",
    },
    "zh": {
        "park": "公园里|公园的草地上|公园中", "beach": "海滩上|沙滩上|海边", "city": "城市街道上|城市里|繁忙的街道上|热闹的城市里",
        "snow": "雪地里|雪原上|积雪的田野上", "desert": "沙漠里|沙漠中|沙丘间", "sea": "海上|大海上|海面上",
        "mountains": "山里|山间|群山前", "room": "房间里|客厅里|屋子里|室内",
    },
    "ar": {
        "park": "في الحديقة|في حديقة|في حديقة عامة", "beach": "على الشاطئ|على شاطئ رملي|عند الشاطئ",
        "city": "في شارع المدينة|في المدينة|في مدينة مزدحمة|في شارع مزدحم",
        "snow": "في حقل ثلجي|في حقل مغطى بالثلوج|في سهل ثلجي", "desert": "في الصحراء|في صحراء|بين الكثبان الرملية",
        "sea": "في البحر|على سطح البحر|في المحيط", "mountains": "في الجبال|بين الجبال|أمام الجبال",
        "room": "في غرفة|في الغرفة|في غرفة المعيشة|داخل غرفة",
    },
}  # fmt: skip

THROUGH: Final[Table] = {  # where an actor walks, runs, drives or rides
    "en": {
        "park": "through a park|through the park", "beach": "along the beach|along a beach",
        "city": "through a city|through a bustling city|down a city street", "snow": "through a snowy field|across a snowy field",
        "desert": "through the desert|across the desert", "mountains": "through the mountains",
    },
    "es": {
        "park": "por un parque|por el parque", "beach": "por la playa|por una playa",
        "city": "por una calle de la ciudad|por una ciudad bulliciosa|por la ciudad", "snow": "por un campo nevado",
        "desert": "por el desierto", "mountains": "por las montañas",
    },
    "zh": {},
    "ar": {
        "park": "عبر الحديقة", "beach": "على طول الشاطئ", "city": "عبر مدينة مزدحمة|عبر المدينة", "snow": "عبر حقل ثلجي",
        "desert": "عبر الصحراء", "mountains": "عبر الجبال",
    },
}  # fmt: skip

WEATHER_IN: Final[Table] = {  # place and weather in one: the weather's adjective goes into the braces
    "en": {
        "park": "in a {} park|through a {} park", "beach": "on a {} beach", "city": "in a {} city|on a {} city street|through a {} city",
        "desert": "in a {} desert", "sea": "on a {} sea", "mountains": "in {} mountains",
    },
    "es": {
        "park": "en un parque {m}", "beach": "en una playa {f}", "city": "en una ciudad {f}|por una ciudad {f}",
        "desert": "en un desierto {m}", "sea": "en un mar {m}", "mountains": "en una montaña {f}",
    },
    "zh": {
        "park": "{}的公园里", "beach": "{}的海滩上", "city": "{}的城市里|{}的街道上", "desert": "{}的沙漠里", "sea": "{}的海面上",
        "mountains": "{}的山里",
    },
    "ar": {
        "park": "في حديقة {f}", "beach": "على شاطئ {m}", "city": "في مدينة {f}|في شارع {m}", "desert": "في صحراء {f}",
        "sea": "في بحر {m}", "mountains": "في جبال {f}",
    },
}  # fmt: skip
ADJECTIVES: Final[Table] = {
    "en": {"snow": "snowy", "rain": "rainy", "fog": "foggy|misty"},
    "es": {"snow": "nevado/nevada", "rain": "lluvioso/lluviosa", "fog": "brumoso/brumosa"},
    "zh": {"snow": "下雪", "rain": "下雨", "fog": "大雾"},
    "ar": {"snow": "مثلج/مثلجة", "rain": "ماطر/ماطرة", "fog": "ضبابي/ضبابية"},
}

STAGES: Final[Table] = {  # the place alone, as what is seen
    "en": {
        "park": "a quiet park|a peaceful park|a park with trees", "beach": "a serene beach|a beautiful beach|a sandy beach",
        "city": "a city street|a bustling city|a quiet city street", "snow": "a snowy field|a snow-covered field",
        "desert": "a vast desert|a desert with sand dunes", "sea": "the open sea|a calm sea|the ocean",
        "mountains": "a mountain landscape|majestic mountains", "room": "a cozy room|a living room",
    },
    "es": {
        "park": "un parque tranquilo|un parque con árboles", "beach": "una playa serena|una playa hermosa|una playa de arena",
        "city": "una calle de la ciudad|una ciudad bulliciosa|una calle tranquila", "snow": "un campo nevado|un campo cubierto de nieve",
        "desert": "un vasto desierto|un desierto de dunas", "sea": "el mar abierto|un mar en calma|el océano",
        "mountains": "un paisaje de montaña|unas montañas majestuosas", "room": "una habitación acogedora|una sala de estar",
    },
    "zh": {
        "park": "宁静的公园|安静的公园", "beach": "宁静的海滩|美丽的沙滩", "city": "城市街道|热闹的城市|安静的街道", "snow": "白雪覆盖的田野|雪原",
        "desert": "广阔的沙漠|沙丘起伏的沙漠", "sea": "平静的大海|辽阔的海面", "mountains": "雄伟的群山|山间风景", "room": "温馨的房间|客厅",
    },
    "ar": {
        "park": "حديقة هادئة|حديقة جميلة", "beach": "شاطئ هادئ|شاطئ جميل|شاطئ رملي", "city": "شارع في المدينة|مدينة مزدحمة|شارع هادئ",
        "snow": "حقل ثلجي|حقل مغطى بالثلوج", "desert": "صحراء واسعة|صحراء ذات كثبان", "sea": "بحر هادئ|البحر المفتوح",
        "mountains": "جبال شامخة|منظر جبلي", "room": "غرفة دافئة|غرفة معيشة",
    },
}  # fmt: skip
WAVES: Final[Table] = {  # nothing that a slot holds
    "en": {
        "beach": "waves gently crashing|gentle waves|waves lapping on the sand",
        "sea": "gentle waves|waves rolling by",
    },
    "es": {"beach": "olas rompiendo suavemente|olas suaves", "sea": "olas suaves|suave oleaje"},
    "zh": {"beach": "海浪轻轻拍打着沙滩|海浪轻拍", "sea": "海浪轻轻起伏|微波荡漾"},
    "ar": {"beach": "أمواج تتكسر بلطف|أمواج هادئة", "sea": "أمواج هادئة|أمواج لطيفة"},
}
OVERHEAD: Final[Mapping[Language, str]] = {
    "en": "overhead|in the sky",
    "es": "en lo alto|en el cielo",
    "zh": "在空中",
    "ar": "في السماء",
}

DAYTIMES: Final[Table] = {
    "en": {"day": "during the day|in daylight|by day", "sunset": "at sunset|at dusk|in the evening|during sunset", "night": "at night|at nighttime|under the night sky|in the moonlight"},
    "es": {"day": "de día|a plena luz del día|durante el día", "sunset": "al atardecer|durante la puesta de sol|al anochecer", "night": "de noche|por la noche|bajo la luna"},
    "zh": {"day": "白天", "sunset": "日落时分|傍晚|黄昏", "night": "夜晚|晚上|夜里"},
    "ar": {"day": "نهارا|في النهار|في وضح النهار", "sunset": "عند الغروب|وقت الغروب|عند غروب الشمس", "night": "ليلا|في الليل|تحت ضوء القمر"},
}  # fmt: skip
WEATHERS: Final[Table] = {
    "en": {
        "clear": "under a clear sky|in clear weather", "snow": "in the snow|while it snows|with snow falling|in falling snow",
        "rain": "in the rain|while it rains|in heavy rain|with rain falling", "leaves": "with autumn leaves falling|while autumn leaves fall|among falling leaves",
        "fog": "in the fog|in thick fog|in the mist",
    },
    "es": {
        "clear": "con el cielo despejado|con tiempo despejado", "snow": "bajo la nieve|mientras nieva|con nieve cayendo",
        "rain": "bajo la lluvia|mientras llueve|con lluvia intensa", "leaves": "mientras caen hojas de otoño|entre hojas de otoño que caen|con hojas de otoño cayendo",
        "fog": "en la niebla|entre la niebla|con niebla",
    },
    "zh": {
        "clear": "天气晴朗|晴空万里", "snow": "下着雪|雪花飘落|大雪纷飞", "rain": "下着雨|大雨倾盆|雨水落下", "leaves": "秋叶飘落|落叶纷飞",
        "fog": "大雾弥漫|雾气弥漫",
    },
    "ar": {
        "clear": "تحت سماء صافية|في طقس صاف", "snow": "تحت الثلج المتساقط|بينما يتساقط الثلج|في الثلج", "rain": "تحت المطر|بينما يهطل المطر|في المطر",
        "leaves": "مع تساقط أوراق الخريف|بينما تتساقط أوراق الخريف", "fog": "في الضباب|وسط الضباب|في ضباب كثيف",
    },
}  # fmt: skip
CAMERAS: Final[Table] = {
    "en": {
        "static": "static camera|static shot", "pan left": "the camera pans left|camera panning left|pan left",
        "pan right": "the camera pans right|camera panning right|pan right", "tilt up": "the camera tilts up|tilt up|camera tilting up",
        "tilt down": "the camera tilts down|tilt down|camera tilting down", "zoom in": "the camera zooms in|zoom in|slow zoom in",
        "zoom out": "the camera zooms out|zoom out|slow zoom out",
    },
    "es": {
        "static": "cámara fija|plano fijo", "pan left": "la cámara se desplaza a la izquierda|paneo a la izquierda",
        "pan right": "la cámara se desplaza a la derecha|paneo a la derecha", "tilt up": "la cámara se inclina hacia arriba|inclinación hacia arriba",
        "tilt down": "la cámara se inclina hacia abajo|inclinación hacia abajo", "zoom in": "la cámara se acerca|zoom de acercamiento",
        "zoom out": "la cámara se aleja|zoom de alejamiento",
    },
    "zh": {
        "static": "固定镜头|镜头静止", "pan left": "镜头向左平移|镜头左移", "pan right": "镜头向右平移|镜头右移", "tilt up": "镜头向上摇|镜头上摇",
        "tilt down": "镜头向下摇|镜头下摇", "zoom in": "镜头拉近|镜头推进", "zoom out": "镜头拉远|镜头后拉",
    },
    "ar": {
        "static": "كاميرا ثابتة|لقطة ثابتة", "pan left": "الكاميرا تتحرك يسارا|تحريك الكاميرا إلى اليسار", "pan right": "الكاميرا تتحرك يمينا|تحريك الكاميرا إلى اليمين",
        "tilt up": "الكاميرا تميل إلى الأعلى|إمالة الكاميرا إلى الأعلى", "tilt down": "الكاميرا تميل إلى الأسفل|إمالة الكاميرا إلى الأسفل",
        "zoom in": "الكاميرا تقترب|تكبير الصورة", "zoom out": "الكاميرا تبتعد|تصغير الصورة",
    },
}  # fmt: skip
STYLES: Final[Table] = {
    "en": {
        "paper": "paper theatre|in paper cut-out style", "cartoon": "cartoon style|in the style of a cartoon|animated style|a cartoon with bold outlines",
        "noir": "black and white|black and white noir|in film noir style", "vintage": "vintage film|in a vintage sepia style|old film with grain",
        "watercolor": "watercolor painting|in the style of a watercolor painting|in watercolor style", "pixel": "pixel art|in pixel art style",
    },
    "es": {
        "paper": "teatro de papel|con recortes de papel", "cartoon": "estilo de dibujos animados|dibujo animado|caricatura", "noir": "en blanco y negro|cine negro en blanco y negro|estilo noir",
        "vintage": "película antigua|estilo vintage en sepia", "watercolor": "acuarela|pintura de acuarela|al estilo de una acuarela", "pixel": "arte de píxeles|pixel art",
    },
    "zh": {
        "paper": "剪纸风格|纸偶剧场", "cartoon": "卡通风格|动画风格", "noir": "黑白电影|黑色电影风格|黑白画面", "vintage": "复古胶片|老电影风格",
        "watercolor": "水彩画|水彩风格", "pixel": "像素画|像素风格",
    },
    "ar": {
        "paper": "مسرح ورقي|بأسلوب قصاصات الورق", "cartoon": "رسوم متحركة|بأسلوب الكرتون", "noir": "بالأبيض والأسود|فيلم نوار بالأبيض والأسود",
        "vintage": "فيلم قديم|بأسلوب قديم بني", "watercolor": "لوحة مائية|بأسلوب الألوان المائية", "pixel": "فن البكسل|بأسلوب البكسل",
    },
}  # fmt: skip

RELATIONS: Final[Table] = {  # "on the bottom of" is "on top of" with the two exchanged
    "en": {
        "left of": "on the left of|to the left of", "right of": "on the right of|to the right of", "on top of": "on the top of|on top of|above",
        "behind": "behind", "in front of": "in front of", "on the bottom of": "on the bottom of|under|below",
    },
    "es": {
        "left of": "a la izquierda de", "right of": "a la derecha de", "on top of": "encima de|sobre", "behind": "detrás de",
        "in front of": "delante de", "on the bottom of": "debajo de",
    },
    "zh": {
        "left of": "的左边|的左侧", "right of": "的右边|的右侧", "on top of": "的上面|上面", "behind": "的后面|后面", "in front of": "的前面|前面",
        "on the bottom of": "的下面|下面",
    },
    "ar": {
        "left of": "على يسار|إلى يسار", "right of": "على يمين|إلى يمين", "on top of": "فوق|أعلى", "behind": "خلف|وراء", "in front of": "أمام|قدام",
        "on the bottom of": "تحت|أسفل",
    },
}  # fmt: skip
FRONT_VIEW: Final[Mapping[Language, str]] = {
    "en": "front view", "es": "vista frontal|vista de frente", "zh": "正面视角|正视图", "ar": "منظر أمامي",
}  # fmt: skip
BEHIND: Final[Table] = {  # the thing before the stage
    "en": {
        "tree": "passing behind a tree|disappearing behind a tree and reappearing", "rock": "passing behind a rock|disappearing behind a rock and reappearing",
        "pillar": "passing behind a pillar|disappearing behind a column and reappearing",
    },
    "es": {"tree": "pasando por detrás de un árbol", "rock": "pasando por detrás de una roca", "pillar": "pasando por detrás de una columna"},
    "zh": {"tree": "从树后面经过", "rock": "从岩石后面经过", "pillar": "从柱子后面经过"},
    "ar": {"tree": "مرورا خلف شجرة", "rock": "مرورا خلف صخرة", "pillar": "مرورا خلف عمود"},
}  # fmt: skip
GLUE: Final[Mapping[Language, str]] = {  # words that grammar adds, and words that mean nothing here
    "en": "a an the of and with in on at to is are there while wearing clothes dress dresses shirt shirts some several one it its this that his her "
    "their i me my we our you your he she they him her them who what which then but or not no if so be been being was were am do does has have having each every few many much "
    "all both during over between around up down out off onto upon inside outside across per please make create generate by from for as into near beside next video film movie scene clip footage shot show shows showing view very "
    "big small little large beautiful young old",
    "es": "un una unos unas el la los las de del y e con en al a por para que hay está están se su sus ropa camisa camisas vestido vestidos algunos algunas "
    "varios varias este esta uno video vídeo película escena toma muestra junto cerca muy grande pequeño pequeña joven hermoso hermosa",
    "zh": "在 的 和 与 一起 正在 着 穿 穿着 衣服 裙子 身穿 一 几 一群 群 有 旁边 了 是 一个 这 那 一只 很 非常 大 小 视频 电影 场景 画面 里 上 中 时 时候 跟",
    "ar": "و في على مع من إلى عند ب ملابس بملابس فستان بفستان قميص بقميص هذا هذه هناك عن ثم بعض عدة واحد واحدة فيديو فيلم مشهد لقطة جدا كبير كبيرة صغير صغيرة "
    "جميل جميلة",
}  # fmt: skip
