# ruff: noqa: E501 (tables: one thing a line)
"""Hindi.

Nouns are name/gender m or f (mp, fp: a plural word)/plural/oblique singular/oblique plural; forms that are left out follow
the rules of their endings. Started from the names of Unicode CLDR 47 annotations (Unicode licence v3), then corrected by
hand. Colours are m/f/m plural and oblique; verbs are a stem, or four forms of what is before है (m/f/m plural/f plural).
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import ends, group_of, noun_phrase, verb_forms, where
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
    "person": "व्यक्ति/m|इंसान/m", "man": "आदमी/m|पुरुष/m", "woman": "औरत/f|महिला/f|युवती/f", "boy": "लड़का/m", "girl": "लड़की/f",
    "child": "बच्चा/m|बालक/m", "old man": "बूढ़ा आदमी/m/बूढ़े आदमी/बूढ़े आदमी/बूढ़े आदमियों|बुज़ुर्ग/m",
    "old woman": "बूढ़ी औरत/f/बूढ़ी औरतें/बूढ़ी औरत/बूढ़ी औरतों|बुढ़िया/f/बुढ़ियाँ/बुढ़िया/बुढ़ियों", "cyclist": "साइकिल सवार/m",
    "superhero": "सुपरहीरो/m", "mermaid": "मत्स्यकन्या/f|जलपरी/f", "fairy": "परी/f|अप्सरा/f",
    "cat": "बिल्ली/f|बिल्ली का बच्चा/m/बिल्ली के बच्चे/बिल्ली के बच्चे/बिल्ली के बच्चों", "dog": "कुत्ता/m|पिल्ला/m",
    "golden retriever": "गोल्डन रिट्रीवर/m|सुनहरा कुत्ता/m/सुनहरे कुत्ते/सुनहरे कुत्ते/सुनहरे कुत्तों",
    "poodle": "पूडल/m|छोटा कुत्ता/m/छोटे कुत्ते/छोटे कुत्ते/छोटे कुत्तों", "horse": "घोड़ा/m|टट्टू/m", "sheep": "भेड़/f|मेमना/m", "cow": "गाय/f",
    "elephant": "हाथी/m", "bear": "भालू/m", "zebra": "ज़ेब्रा/m/ज़ेब्रा/ज़ेब्रा/ज़ेब्राओं", "giraffe": "जिराफ़/m", "rabbit": "खरगोश/m",
    "mouse": "मूषक/m|छोटा चूहा/m/छोटे चूहे/छोटे चूहे/छोटे चूहों", "rat": "चूहा/m", "ox": "बैल/m|साँड़/m", "buffalo": "भैंस/f|भैंसा/m",
    "bison": "बायसन/m", "tiger": "बाघ/m", "leopard": "तेंदुआ/m|चीता/m", "lion": "शेर/m|सिंह/m", "dragon": "ड्रैगन/m|दैत्य/m",
    "crocodile": "मगरमच्छ/m", "snail": "घोंघा/m", "snake": "साँप/m|सांप/m", "ram": "नर भेड़/m/नर भेड़/नर भेड़/नर भेड़ों|मेढ़ा/m",
    "goat": "बकरी/f|बकरा/m", "monkey": "बंदर/m", "pig": "सुअर/m|सूअर/m", "camel": "ऊँट/m", "squirrel": "गिलहरी/f", "fox": "लोमड़ी/f",
    "wolf": "भेड़िया/m/भेड़िए/भेड़िए/भेड़ियों|सियार/m", "panda": "पांडा/m/पांडा/पांडा/पांडाओं", "koala": "कोआला/m/कोआला/कोआला/कोआलाओं",
    "raccoon": "रकून/m", "deer": "हिरण/m|हिरन/m", "gorilla": "गोरिल्ला/m", "rhinoceros": "गैंडा/m",
    "hippopotamus": "दरियाई घोड़ा/m/दरियाई घोड़े/दरियाई घोड़े/दरियाई घोड़ों", "kangaroo": "कंगारू/m", "llama": "लामा/m/लामा/लामा/लामाओं",
    "hedgehog": "साही/f", "badger": "बिज्जू/m", "skunk": "स्कंक/m", "beaver": "बीवर/m|ऊदबिलाव/m", "mammoth": "मैमथ/m", "donkey": "गधा/m",
    "seal": "सील/f", "dinosaur": "डायनासोर/m|सोरोपॉड/m", "tyrannosaurus": "टी-रेक्स/m|टायरानोसॉरस/m", "turtle": "कछुआ/m", "lizard": "छिपकली/f",
    "frog": "मेंढक/m", "crab": "केकड़ा/m|कर्कट/m", "lobster": "झींगा मछली/f|झींगा/m", "scorpion": "बिच्छू/m", "spider": "मकड़ी/f", "ant": "चींटी/f",
    "caterpillar": "इल्ली/f|सूँडी/f", "ladybug": "लेडीबग/m|सोनपंखी/f", "bird": "चिड़िया/f/चिड़ियाँ/चिड़िया/चिड़ियों|पक्षी/m|पंछी/m",
    "seagull": "समुद्री चिड़िया/f/समुद्री चिड़ियाँ/समुद्री चिड़िया/समुद्री चिड़ियों|सीगल/m", "dove": "कबूतर/m", "eagle": "बाज/m|चील/f",
    "duck": "बतख/f", "goose": "बत्तख/f|कलहंस/m", "swan": "हंस/m|राजहंस/m", "flamingo": "फ्लेमिंगो/m|लाल हंस/m", "parrot": "तोता/m", "owl": "उल्लू/m",
    "peacock": "मोर/m", "turkey": "टर्की/m", "rooster": "मुर्गा/m", "chicken": "मुर्गी/f",
    "chick": "चूज़ा/m|मुर्गी का बच्चा/m/मुर्गी के बच्चे/मुर्गी के बच्चे/मुर्गी के बच्चों", "penguin": "पेंग्विन/m", "dodo": "डोडो/m",
    "bat": "चमगादड़/m", "bee": "मधुमक्खी/f", "butterfly": "तितली/f", "fish": "मछली/f", "tropical fish": "ऊष्णकटिबंधीय मछली/f|रंगीन मछली/f",
    "pufferfish": "गुब्बारा मछली/f|पफ़रफ़िश/f", "shark": "शार्क/f", "dolphin": "डॉल्फ़िन/f", "whale": "ह्वेल/f|व्हेल/f", "octopus": "ऑक्टोपस/m",
    "jellyfish": "जेलीफ़िश/f", "car": "कार/f|गाड़ी/f|मोटरकार/f", "suv": "एसयूवी/f|जीप/f", "taxi": "टैक्सी/f",
    "police car": "पुलिस कार/f|पुलिस की गाड़ी/f", "racing car": "रेसिंग कार/f|रेस कार/f", "bus": "बस/f", "minibus": "मिनीबस/f|वैन/f",
    "ambulance": "एंबुलेंस/f|एम्बुलेंस/f", "fire truck": "दमकल/f|अग्निशमन ट्रक/m", "truck": "ट्रक/m",
    "semi truck": "लॉरी/f|बड़ा ट्रक/m/बड़े ट्रक/बड़े ट्रक/बड़े ट्रकों", "pickup truck": "पिकअप ट्रक/m", "tractor": "ट्रैक्टर/m",
    "rickshaw": "रिक्शा/m|ऑटो रिक्शा/m", "bicycle": "साइकिल/f", "motorcycle": "मोटर साइकिल/f|मोटरसाइकिल/f", "scooter": "स्कूटर/m",
    "kick scooter": "किक स्कूटर/m", "skateboard": "स्केटबोर्ड/m", "sled": "बर्फ़गाड़ी/f|स्लेज/f", "train": "ट्रेन/f|रेलगाड़ी/f|भाप इंजन/m",
    "high-speed train": "तेज़ गति वाली ट्रेन/f|बुलेट ट्रेन/f", "tram": "ट्राम/f",
    "carousel horse": "हिंडोले का घोड़ा/m/हिंडोले के घोड़े/हिंडोले के घोड़े/हिंडोले के घोड़ों|झूले का घोड़ा/m/झूले के घोड़े/झूले के घोड़े/झूले के घोड़ों",
    "boat": "नाव/f|सेलबोट/f|पाल वाली नाव/f", "speedboat": "स्पीडबोट/f", "motorboat": "मोटर बोट/f|मोटरबोट/f|याट/m",
    "ship": "पानी का जहाज़/m/पानी के जहाज़/पानी के जहाज़/पानी के जहाज़ों|जलयान/m", "cruise ship": "यात्री जहाज़/m|क्रूज़ जहाज़/m",
    "ferry": "नौका/f|फ़ेरी/f", "canoe": "डोंगी/f", "airplane": "हवाई जहाज़/m|विमान/m",
    "propeller plane": "छोटा हवाई जहाज़/m/छोटे हवाई जहाज़/छोटे हवाई जहाज़/छोटे हवाई जहाज़ों", "helicopter": "हेलीकॉप्टर/m",
    "rocket": "रॉकेट/m|अंतरिक्ष यान/m", "flying saucer": "उड़न तश्तरी/f", "parachute": "पैराशूट/m", "sports ball": "फ़ुटबॉल/f|गेंद/f",
    "basketball": "बास्केटबॉल/f", "volleyball": "वॉलीबॉल/f", "baseball": "बेसबॉल/f", "american football": "अमेरिकी फ़ुटबॉल/f|रग्बी गेंद/f",
    "ball": "बिलियर्ड गेंद/f|बिलियर्ड की गेंद/f", "frisbee": "फ़्लाइंग डिस्क/f|फ़्रिस्बी/f", "yo-yo": "यो-यो/m", "balloon": "गुब्बारा/m",
    "kite": "पतंग/f", "house": "घर/m|मकान/m", "cottage": "कॉटेज/m|बग़ीचे वाला घर/m/बग़ीचे वाले घर/बग़ीचे वाले घर/बग़ीचे वाले घरों",
    "castle": "क़िला/m|महल/m", "church": "चर्च/m|गिरजाघर/m", "mosque": "मस्जिद/f", "school": "स्कूल/m|विद्यालय/m", "hut": "झोपड़ी/f",
    "tent": "टेंट/m|तंबू/m", "circus tent": "सर्कस टेंट/m|सर्कस का तंबू/m/सर्कस के तंबू/सर्कस के तंबू/सर्कस के तंबुओं",
    "ferris wheel": "फ़ेरीज झूला/m|बड़ा झूला/m/बड़े झूले/बड़े झूले/बड़े झूलों", "fountain": "फ़व्वारा/m",
    "statue": "मूर्ति/f|प्रतिमा/f|स्टेच्यू ऑफ़ लिबर्टी/m", "tower": "टॉवर/m|मीनार/f", "slide": "फिसल पट्टी/f", "rock": "चट्टान/f|पत्थर/m",
    "tree": "पेड़/m|वृक्ष/m", "fir tree": "सदाबहार पेड़/m|चीड़ का पेड़/m/चीड़ के पेड़/चीड़ के पेड़/चीड़ के पेड़ों",
    "palm tree": "ताड़ का पेड़/m/ताड़ के पेड़/ताड़ के पेड़/ताड़ के पेड़ों|खजूर का पेड़/m/खजूर के पेड़/खजूर के पेड़/खजूर के पेड़ों",
    "christmas tree": "क्रिसमस ट्री/m", "cactus": "कैक्टस/m", "potted plant": "गमले का पौधा/m/गमले के पौधे/गमले के पौधे/गमले के पौधों|पौधा/m",
    "leaf": "पत्ती/f|पत्ता/m|मैपल की पत्ती/f", "mushroom": "मशरूम/m", "rose": "गुलाब/m", "tulip": "ट्यूलिप/m", "sunflower": "सूर्यमुखी/m|सूरजमुखी/m",
    "flower": "फूल/m", "bouquet": "गुलदस्ता/m|फूलगुच्छ/m", "snowman": "स्नोमैन/m|बर्फ़ का पुतला/m/बर्फ़ के पुतले/बर्फ़ के पुतले/बर्फ़ के पुतलों",
    "chair": "कुर्सी/f", "couch": "सोफ़ा/m", "bed": "बिस्तर/m|पलंग/m", "toilet": "टॉयलेट/m|शौचालय/m", "bathtub": "बाथ टब/m|बाथटब/m",
    "door": "दरवाज़ा/m", "mirror": "आईना/m|दर्पण/m", "ladder": "सीढ़ी/f", "tv": "टेलीविज़न/m|टीवी/m", "desktop computer": "कंप्यूटर/m|डेस्कटॉप/m",
    "laptop": "लैपटॉप/m", "keyboard": "कीबोर्ड/m", "cell phone": "मोबाइल फ़ोन/m|फ़ोन/m", "radio": "रेडियो/m",
    "camera": "फ़ोटो कैमरा/m/फ़ोटो कैमरे/फ़ोटो कैमरे/फ़ोटो कैमरों", "clock": "घड़ी/f|दीवार घड़ी/f", "alarm clock": "अलार्म घड़ी/f",
    "watch": "कलाई घड़ी/f|हाथ घड़ी/f", "vase": "फूलदान/m|सुराही/f", "lamp": "लाइट बल्ब/m|बल्ब/m|दीपक/m", "candle": "मोमबत्ती/f",
    "flashlight": "टॉर्च/f", "lantern": "लालटेन/f|कंदील/f", "bell": "घंटी/f|घंटा/m", "key": "चाबी/f", "book": "किताब/f|पुस्तक/f",
    "box": "डिब्बा/m|पैकेज/m|बक्सा/m", "gift": "उपहार/m|तोहफ़ा/m", "bucket": "बाल्टी/f", "basket": "टोकरी/f|बास्केट/f", "broom": "झाड़ू/f",
    "scissors": "कैंची/f", "toothbrush": "टूथब्रश/m", "umbrella": "छाता/m|छतरी/f", "backpack": "बस्ता/m|पिट्ठू बैग/m", "handbag": "हैंडबैग/m|पर्स/m",
    "suitcase": "सूटकेस/m|अटैची/f", "shopping cart": "शॉपिंग कार्ट/m", "tie": "नेकटाई/f|टाई/f", "dress": "पोशाक/f|ड्रेस/f", "t-shirt": "टी-शर्ट/f",
    "jeans": "जींस/f", "shoe": "जूता/m", "boot": "बूट/m", "scarf": "स्कार्फ़/m|मफ़लर/m", "gloves": "दस्ताने/mp", "hat": "हैट/m|टोप/m",
    "cap": "टोपी/f", "crown": "मुकुट/m|ताज/m", "teddy bear": "टेडी बेयर/m|टेडी बेअर/m", "robot": "रोबोट/m",
    "roller skate": "रोलर स्केट/m|पहिये वाला जूता/m/पहिये वाले जूते/पहिये वाले जूते/पहिये वाले जूतों", "skis": "स्की/f",
    "tennis racket": "टेनिस रैकेट/m",
    "boxing glove": "मुक्केबाज़ी का दस्ताना/m/मुक्केबाज़ी के दस्ताने/मुक्केबाज़ी के दस्ताने/मुक्केबाज़ी के दस्तानों|बॉक्सिंग दस्ताना/m",
    "trophy": "ट्रॉफ़ी/f", "guitar": "गिटार/m", "violin": "वायलिन/m", "drum": "ड्रम/m|ढोल/m", "trumpet": "तुरही/f", "star": "तारा/m|सितारा/m",
    "diamond": "रत्न/m|हीरा/m", "anchor": "लंगर/m|एंकर/m", "traffic light": "ट्रैफ़िक लाइट/f|यातायात बत्ती/f",
    "stop sign": "रुकने का संकेत/m/रुकने के संकेत/रुकने के संकेत/रुकने के संकेतों|स्टॉप साइन/m", "fire extinguisher": "अग्निशामक/m|अग्निशामक यंत्र/m",
    "bottle": "बोतल/f", "wine glass": "शराब का गिलास/m/शराब के गिलास/शराब के गिलास/शराब के गिलासों|वाइन गिलास/m",
    "cup": "प्याला/m|कप/m|कॉफ़ी का कप/m/कॉफ़ी के कप/कॉफ़ी के कप/कॉफ़ी के कपों", "teapot": "चायदानी/f|केतली/f",
    "glass of milk": "दूध का गिलास/m/दूध के गिलास/दूध के गिलास/दूध के गिलासों", "fork": "काँटा/m|फ़ोर्क/m", "knife": "चाकू/m|छुरी/f",
    "spoon": "चम्मच/m", "bowl": "कटोरा/m|कटोरी/f", "banana": "केला/m", "apple": "सेब/m", "orange": "संतरा/m|नारंगी फल/m", "lemon": "नीबू/m|नींबू/m",
    "strawberry": "स्ट्रॉबेरी/f", "cherries": "चेरी/f", "grapes": "अंगूर/m|अंगूर का गुच्छा/m/अंगूर के गुच्छे/अंगूर के गुच्छे/अंगूर के गुच्छों",
    "watermelon": "तरबूज़/m", "pineapple": "अनानास/m|अन्नानास/m", "tomato": "टमाटर/m", "eggplant": "बैंगन/m", "corn": "भुट्टा/m|मकई/f",
    "broccoli": "ब्रोकली/f", "carrot": "गाजर/f", "pumpkin": "कद्दू/m", "sandwich": "सैंडविच/m", "hot dog": "हॉट डॉग/m",
    "hamburger": "हैमबर्गर/m|बर्गर/m", "pizza": "पिज़्ज़ा/m/पिज़्ज़ा/पिज़्ज़ा/पिज़्ज़ाओं", "bread": "ब्रेड/f|डबल रोटी/f",
    "croissant": "क्रोइसैन/m|क्रोइसां/m", "cheese": "पनीर का टुकड़ा/m/पनीर के टुकड़े/पनीर के टुकड़े/पनीर के टुकड़ों|चीज़/m", "egg": "अंडा/m",
    "donut": "डोनट/m", "cake": "केक/m|जन्मदिन का केक/m/जन्मदिन के केक/जन्मदिन के केक/जन्मदिन के केकों", "cupcake": "कपकेक/m|मफ़िन/m",
    "ice cream": "आइसक्रीम/f|सॉफ़्ट आइसक्रीम/f",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "लाल/लाल/लाल", "green": "हरा/हरी/हरे", "blue": "नीला/नीली/नीले", "yellow": "पीला/पीली/पीले", "orange": "नारंगी/नारंगी/नारंगी", "purple": "बैंगनी/बैंगनी/बैंगनी|जामुनी/जामुनी/जामुनी",
        "pink": "गुलाबी/गुलाबी/गुलाबी", "black": "काला/काली/काले", "white": "सफ़ेद/सफ़ेद/सफ़ेद",
    },
    numbers={"1": "एक", "2": "दो", "3": "तीन", "4": "चार"},
    verbs={
        "move": "चल", "play": "खेल", "stand": "खड़ा/खड़ी/खड़े/खड़ी", "stand:thing": "रखा हुआ/रखी हुई/रखे हुए/रखी हुई", "stand:ball": "रखा हुआ/रखी हुई/रखे हुए/रखी हुई", "stand:balloon": "ठहरा हुआ/ठहरी हुई/ठहरे हुए/ठहरी हुई",
        "stand:fish": "ठहरा हुआ/ठहरी हुई/ठहरे हुए/ठहरी हुई", "walk": "चल|टहल", "run": "दौड़|भाग", "hop": "कूद|उछल", "dance": "नाच", "fly": "उड़", "fly:balloon": "तैर|उड़", "drive": "चल|जा",
        "ride": "चल|आगे बढ़", "ride:person": "साइकिल चला", "sail": "जल में चल|जल में जा", "swim": "तैर", "roll": "लुढ़क", "bounce": "टप्पे खा|उछल", "rise": "ऊपर उठ|ऊपर जा", "fall": "गिर|नीचे गिर",
    },
    directions={
        "left": "बाईं ओर|बाएँ|दाएँ से बाएँ", "right": "दाईं ओर|दाएँ|बाएँ से दाएँ", "towards": "कैमरे की ओर|कैमरे की तरफ़", "away": "कैमरे से दूर|दूर की ओर",
    },
    places={
        "park": "पार्क में|एक पार्क में|पार्क की घास पर", "beach": "समुद्र तट पर|रेतीले समुद्र तट पर|समुद्र के किनारे", "city": "शहर की सड़क पर|शहर में|एक शहर में|व्यस्त सड़क पर",
        "snow": "बर्फ़ीले मैदान में|बर्फ़ से ढके मैदान में|बर्फ़ीले दृश्य में", "desert": "रेगिस्तान में|एक रेगिस्तान में|रेत के टीलों के बीच", "sea": "समुद्र में|समुद्र पर|महासागर में",
        "mountains": "पहाड़ों में|पहाड़ों के सामने|पर्वतों के बीच", "room": "कमरे में|एक कमरे में|बैठक में|घर के अंदर",
    },
    through={
        "park": "पार्क से होकर", "beach": "समुद्र तट के साथ-साथ", "city": "शहर से होकर", "snow": "बर्फ़ीले मैदान से होकर", "desert": "रेगिस्तान से होकर", "mountains": "पहाड़ों से होकर",
    },
    weather_in={
        "park": "{} पार्क में", "beach": "{} समुद्र तट पर", "city": "{} शहर में|{} सड़क पर", "desert": "{} रेगिस्तान में", "sea": "{} समुद्र में", "mountains": "{} पहाड़ों में",
    },
    adjectives={"snow": "बर्फ़बारी वाले", "rain": "बारिश वाले|बरसाती", "fog": "कोहरे वाले|कोहरे भरे"},
    stages={
        "park": "एक शांत पार्क|पेड़ों वाला पार्क", "beach": "एक शांत समुद्र तट|सुंदर समुद्र तट", "city": "शहर की एक सड़क|एक व्यस्त शहर|एक शांत सड़क", "snow": "बर्फ़ीला मैदान|बर्फ़ से ढका मैदान",
        "desert": "विशाल रेगिस्तान|रेत के टीलों वाला रेगिस्तान", "sea": "खुला समुद्र|शांत समुद्र", "mountains": "पहाड़ी दृश्य|भव्य पहाड़", "room": "एक आरामदायक कमरा|एक बैठक",
    },
    waves={"beach": "धीरे-धीरे टकराती लहरें|हल्की लहरें", "sea": "हल्की लहरें|शांत लहरें"},
    daytimes={"day": "दिन में|दिन के उजाले में|दिन के समय", "sunset": "सूर्यास्त के समय|शाम को|साँझ के समय", "night": "रात में|रात को|चाँदनी रात में"},
    weathers={
        "clear": "साफ़ आसमान के नीचे|साफ़ मौसम में", "snow": "बर्फ़बारी में|गिरती बर्फ़ में|बर्फ़ के बीच", "rain": "बारिश में|तेज़ बारिश में|गिरती बारिश में", "leaves": "गिरते पतझड़ के पत्तों के बीच|झड़ते पत्तों के बीच",
        "fog": "कोहरे में|घने कोहरे में|धुंध में",
    },
    cameras={
        "static": "स्थिर कैमरा|स्थिर शॉट", "pan left": "कैमरा बाईं ओर घूमता है|कैमरा बाएँ पैन करता है", "pan right": "कैमरा दाईं ओर घूमता है|कैमरा दाएँ पैन करता है",
        "tilt up": "कैमरा ऊपर की ओर झुकता है|कैमरा ऊपर उठता है", "tilt down": "कैमरा नीचे की ओर झुकता है|कैमरा नीचे आता है", "zoom in": "कैमरा ज़ूम इन करता है|ज़ूम इन|कैमरा पास आता है",
        "zoom out": "कैमरा ज़ूम आउट करता है|ज़ूम आउट|कैमरा पीछे हटता है",
    },
    styles={
        "paper": "काग़ज़ी रंगमंच|कटे काग़ज़ की शैली में", "cartoon": "कार्टून शैली|कार्टून की शैली में|एनिमेशन शैली", "noir": "श्वेत-श्याम|फ़िल्म नोयर श्वेत-श्याम शैली में", "vintage": "पुरानी फ़िल्म|पुरानी सेपिया शैली में",
        "watercolor": "जलरंग चित्र|जलरंग शैली में|वॉटरकलर पेंटिंग", "pixel": "पिक्सेल आर्ट|पिक्सेल कला शैली में",
    },
    relations={
        "left of": "के बाईं ओर|के बाएँ", "right of": "के दाईं ओर|के दाएँ", "on top of": "के ऊपर", "behind": "के पीछे", "in front of": "के सामने|के आगे", "on the bottom of": "के नीचे",
    },
    behind={"tree": "पेड़ के पीछे से गुज़रते हुए", "rock": "चट्टान के पीछे से गुज़रते हुए", "pillar": "खंभे के पीछे से गुज़रते हुए"},
    views={"overhead": "आसमान में|ऊपर आकाश में", "front": "सामने का दृश्य|सामने से"},
    glue="एक है हैं में पर से को का की के और साथ रहा रही रहे हुआ हुई हुए कपड़े कपड़ों पहने पोशाक कमीज़ में जो यह वह ये वे कुछ कई उसका उसकी वीडियो फ़िल्म दृश्य शॉट दिखाता बहुत बड़ा बड़ी बड़े छोटा छोटी छोटे "
    "युवा सुंदर पास वाला वाली वाले था थी थे होता होती",
    small="भी यहाँ वहाँ धीरे जल्दी अभी फिर",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    one, gender = fields[0], fields[1]
    plural = gender.endswith("p")
    if plural:
        stem = one.removesuffix("े")
        return Name(one=one, many=one, gender=gender[0], plural=True, oblique=one, oblique_many=stem + "ों")
    if len(fields) > 4:
        return Name(one=one, many=fields[2], gender=gender, oblique=fields[3], oblique_many=fields[4])
    many, oblique, several = _feminine(one) if gender == "f" else _masculine(one)
    return Name(
        one=one, many=fields[2] if len(fields) > 2 else many, gender=gender, oblique=oblique, oblique_many=several
    )


def _masculine(one: str) -> tuple[str, str, str]:
    """Plural, oblique, oblique plural: लड़का, लड़के, लड़के, लड़कों."""
    if one.endswith("ा"):
        return one[:-1] + "े", one[:-1] + "े", one[:-1] + "ों"
    if one.endswith("ी"):
        return one, one, one[:-1] + "ियों"
    if one.endswith("ू"):
        return one, one, one[:-1] + "ुओं"
    return one, one, one + ("ओं" if one[-1] in "ोेआ" else "ों")


def _feminine(one: str) -> tuple[str, str, str]:
    """लड़की, लड़कियाँ, लड़की, लड़कियों; मेज़, मेज़ें, मेज़, मेज़ों."""
    if one.endswith("ी"):
        return one[:-1] + "ियाँ", one, one[:-1] + "ियों"
    if one.endswith("ा"):
        return one + "एँ", one, one + "ओं"
    if one.endswith("ू"):
        return one[:-1] + "ुएँ", one, one[:-1] + "ुओं"
    return one + "ें", one, one + "ों"


def _form(name: Name, many: bool) -> int:
    """Which of a colour's or verb's forms agrees in the nominative: m, f, m plural, f plural."""
    return (1 if name.gender == "f" else 0) + (2 if many else 0)


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "एक लाल कुत्ता", before a postposition "एक लाल कुत्ते"; people wear the colour."""
    name = group.name
    words = (name.oblique_many if oblique else name.many) if group.many else (name.oblique if oblique else name.one)
    before = ""
    if group.color:
        forms = pen.word("colors", group.color).split("/")
        if group.human:
            before = pen.of(f"{forms[2]} कपड़े पहने |{forms[2]} कपड़ों में ")
        else:
            words = f"{forms[1] if name.gender == 'f' else forms[2] if oblique or group.many else forms[0]} {words}"
    if group.count == 0 or (name.plural and group.count == 1):
        return f"{before}{pen.of('कुछ |कई ') if group.count == 0 else ''}{words}"
    return f"{before}{pen.word('numbers', str(group.count))} {words}"


def verb(plan: CaptionPlan, group: Group, pen: Pen, action: str, finite: bool) -> str:
    """ "दौड़ रही है", or as a participle "दौड़ती हुई"."""
    forms = verb_forms(group, pen, action)
    many = group.many or plan.together
    at = _form(group.name, many)
    if plan.together and plan.said.get("noun2") and group.name.gender == "f":
        at = 2  # of two genders, or one that is not known here, the verb is masculine
    if len(forms) == 4:
        return (
            f"{forms[at]} {'हैं' if many else 'है'}"
            if finite
            else forms[at] + ("" if "हु" in forms[at] else " " + ("हुआ", "हुई", "हुए", "हुई")[at])
        )
    if finite:
        return f"{forms[0]} {('रहा है', 'रही है', 'रहे हैं', 'रही हैं')[at]}"
    return f"{forms[0]}{('ता हुआ', 'ती हुई', 'ते हुए', 'ती हुई')[at]}"


def _participles() -> str:
    """Every participle of the verbs that are a stem."""
    stems = [one for text in PHRASES.verbs.values() for one in text.split("|") if "/" not in one]
    return " ".join(f"{stem}{ending}" for stem in stems for ending in ("ता", "ती", "ते"))


def sentence(plan: CaptionPlan, pen: Pen) -> str:
    """ "शाम को पार्क में एक लाल कुत्ता बाईं ओर दौड़ रहा है, कैमरा ज़ूम इन करता है"."""
    said, last = plan.said, ends(plan, pen)
    if said.get("noun", "none") == "none":
        return ", ".join([stage(plan, pen), *last] if "place" in said else last)
    group = group_of(plan, pen)
    if "place" in said and "relation" not in said and not plan.playing and pen.chance(0.12):
        return ", ".join([stage(plan, pen, group), *last])
    place, told = where(plan, pen)
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said and not told else ""
    around = [time, place, weather] if pen.chance(0.6) else [weather, time, place]
    main = " ".join(part for part in _clause(plan, group, around, pen) if part)
    if "noun2" in said and not (plan.together or plan.playing or "relation" in said):
        main += f", {noun_phrase(group_of(plan, pen, '2'), pen, True)} के साथ"
    return ", ".join([main, *last])


def _clause(plan: CaptionPlan, group: Group, around: list[str], pen: Pen) -> list[str]:
    """Time and place, who acts, which way, and the verb at the end; or who acts first."""
    said = plan.said
    if "relation" in said:
        return [*around, related(plan, group, pen)]
    if plan.playing:
        other = noun_phrase(group_of(plan, pen, "2"), pen, True)
        return [*around, noun_phrase(group, pen), f"{other} के साथ", verb(plan, group, pen, "play", True)]
    way = pen.word("directions", said["direction"]) if "direction" in said else ""
    acts = "action" in said or "direction" in said
    action = said.get("action", "move")
    if acts and not plan.together and not group.called and pen.chance(0.25):
        return [*around, way, verb(plan, group, pen, action, False), noun_phrase(group, pen)]
    subject = noun_phrase(group, pen)
    if plan.together:
        subject += f" और {noun_phrase(group_of(plan, pen, '2'), pen)}"
    if not acts:
        return [*around, subject]
    doing = verb(plan, group, pen, action, True)
    return [subject, *around, way, doing] if pen.chance(0.4) else [*around, subject, way, doing]


def related(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    relation, other = plan.said["relation"], group_of(plan, pen, "2")
    first, second = group, other
    if relation == "on top of" and pen.chance(0.25):
        first, second, relation = other, group, "on the bottom of"
    there = pen.word("relations", relation)
    is_ = "हैं" if first.many else "है"
    if pen.chance(0.5):
        return f"{noun_phrase(second, pen, True)} {there} {noun_phrase(first, pen)} {is_}"
    return f"{noun_phrase(first, pen)} {noun_phrase(second, pen, True)} {there} {is_}"


def stage(plan: CaptionPlan, pen: Pen, group: Group | None = None) -> str:
    """ "रात में एक शांत पार्क, बाईं ओर दौड़ता हुआ एक कुत्ता"."""
    said = plan.said
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said else ""
    things = [pen.word("waves", said["place"])] if said["place"] in ("beach", "sea") and pen.chance(0.6) else []
    if group is not None:
        acts = ("action" in said or "direction" in said) and not group.called
        way = pen.word("directions", said["direction"]) if "direction" in said else ""
        doing = [way, verb(CaptionPlan(said={}), group, pen, said.get("action", "move"), False)] if acts else []
        things.append(" ".join(part for part in (*doing, noun_phrase(group, pen)) if part))
        if "noun2" in said:
            things.append(noun_phrase(group_of(plan, pen, "2"), pen))
    text = " ".join(part for part in (time, weather, pen.word("stages", said["place"])) if part)
    return ", ".join([text, " और ".join(things)]) if things else text


HINDI: Final = LanguagePack(
    key="hi",
    title="Hindi",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(write=sentence, noun_phrase=noun, verb=verb, stop="।", conjunctions=("", " और "), inflected=_participles),
    wording=Wording(
        synonyms=(
            ("noun", "child", "बच्चा", "शिशु|नन्हा"), ("noun", "child", "बच्चे", "शिशुओं"), ("noun", "man", "आदमी", "मर्द|सज्जन|पिता|पापा"), ("noun", "woman", "औरत", "नारी|माँ|माता|स्त्री"),
            ("noun", "dog", "कुत्ता", "कुतिया|डॉगी|श्वान"), ("noun", "dog", "~कुत्ता", "लैब्राडोर|जर्मन शेफ़र्ड"), ("noun", "cat", "बिल्ली", "बिल्ला|बिलौटा"), ("noun", "horse", "घोड़ा", "घोड़ी|अश्व|बछेड़ा"),
            ("noun", "bird", "~चिड़िया", "गौरैया|कौआ|कोयल|मैना"), ("noun", "car", "कार", "मोटर|वाहन"), ("noun", "airplane", "हवाई जहाज़", "वायुयान|प्लेन"), ("noun", "tree", "~पेड़", "बरगद|पीपल|आम का पेड़"),
            ("noun", "house", "घर", "हवेली|बंगला|भवन"), ("noun", "chair", "~कुर्सी", "आरामकुर्सी|स्टूल"), ("color", "yellow", "पीला", "सुनहरा"), ("color", "yellow", "पीली", "सुनहरी"), ("color", "red", "लाल", "सुर्ख़|रक्तिम"),
            ("action", "stand", "~खड़ा है", "बैठा है|सो रहा है|लेटा है"), ("action", "stand", "~खड़ी है", "बैठी है|सो रही है|लेटी है"), ("place", "park", "पार्क में", "बग़ीचे में|बगीचे में|बाग़ में"),
            ("place", "park", "~पार्क में", "जंगल में|वन में|खेत में"), ("place", "sea", "~समुद्र में", "झील में|नदी में|तालाब में"), ("place", "room", "~कमरे में", "रसोई में|रसोईघर में|दफ़्तर में"),
            ("place", "city", "शहर में", "गाँव में|नगर में|क़स्बे में"), ("weather", "rain", "+बारिश में", "तूफ़ान|वर्षा|बरसात"), ("weather", "snow", "+बर्फ़बारी में", "हिमपात|बर्फ़ीला तूफ़ान"),
            ("style", "cartoon", "+कार्टून शैली", "एनिमे|कॉमिक"), ("style", "noir", "+श्वेत-श्याम", "ब्लैक एंड व्हाइट"), ("count", "2", "दो", "2|२"), ("count", "3", "तीन", "3|३"), ("count", "4", "चार", "4|४"),
        ),
        dropped="सिर्फ़|सिर्फ|केवल|मात्र",
        unknown_places="चाँद पर|चंद्रमा पर|मंगल ग्रह पर|अंतरिक्ष में|स्टेडियम में|हवाई अड्डे पर|संग्रहालय में|अस्पताल में|गुफा में|ज्वालामुखी|कारख़ाने में|पुल पर|पानी के नीचे",
        many="पाँच|पांच|छह|सात|आठ|नौ|दस|ग्यारह|बारह|दर्जन|बीस|पचास|सौ|सैकड़ों|हज़ारों",
        units=frozenset({"सेकंड", "मिनट", "घंटे", "घंटा"}),
        negated=r"(?<!\S)(?:बिना\s+(?:किसी\s+)?[^\s,।.!?]{1,30}(?:\s+के)?|[^\s,।.!?]{1,30}\s+के\s+बिना|कोई\s+(?:भी\s+)?[^\s,।.!?]{1,30}\s+(?:नहीं|न)(?:\s+(?:है|हैं|हो))?)(?=[\s,।.!?]|$)",
    ),
    sentences=SentenceRules(
        labels=r"दृश्य|शॉट|सीन",
        cut=r"(?:फिर\s+)?(?:कट|दृश्य\s+बदलता\s+है)(?:\s+(?:टू|से))?",
        flow=r"(?:और\s+)?(?:फिर|इसके\s+बाद|उसके\s+बाद|तब)(?!\w)",
        never_last=r"डॉ|श्री|श्रीमती|प्रो",
        determiners=r"(?:एक|दो|तीन|चार|कई|कुछ|वह|यह|उसका|उसकी)(?!\w)",
        settings=r"(?<!\w)(?:में|पर|के अंदर|के नीचे|के ऊपर|के पास|के सामने|के पीछे|की ओर|के बीच)(?!\w)|तट|पार्क|शहर|सड़क|रेगिस्तान|समुद्र|पहाड़|कमरा|जंगल|आसमान",
        placed="{setting} {text}",
    ),
    script=r"\u0900-\u097f",
    digits="०१२३४५६७८९",
)  # fmt: skip
