# ruff: noqa: E501 (tables: one thing a line)
"""Portuguese, as in Brazil, with the commonest words of Portugal beside it.

Nouns are name/gender m or f (mp, fp: a plural word)/plural; a plural that is left out follows the rule. Started from the
names of Unicode CLDR annotations (Unicode licence v3), then corrected by hand. Colours are m/f/mp/fp, numbers m/f,
verbs gerund/singular/plural.
"""

from collections.abc import Sequence
from typing import Final

from yozora.language.grammar import plain_verb, sentence
from yozora.language.pack import Grammar, Group, LanguagePack, Name, Pen, Phrases, SentenceRules, Table, Wording

NOUNS: Final[Table] = {
    "person": "pessoa/f", "man": "homem/m/homens|senhor/m", "woman": "mulher/f|moça/f|senhora/f", "boy": "menino/m|garoto/m",
    "girl": "menina/f|garota/f", "child": "criança/f", "old man": "idoso/m|homem idoso/m/homens idosos|avô/m/avôs|velho/m",
    "old woman": "idosa/f|mulher idosa/f/mulheres idosas|avó/f/avós", "cyclist": "ciclista/m", "superhero": "super-herói/m/super-heróis",
    "mermaid": "sereia/f", "fairy": "fada/f", "cat": "gato/m|gatinho/m", "dog": "cachorro/m|cão/m/cães|cachorrinho/m",
    "golden retriever": "golden retriever/m/golden retrievers|retriever/m/retrievers", "poodle": "poodle/m", "horse": "cavalo/m|pônei/m",
    "sheep": "ovelha/f|cordeiro/m", "cow": "vaca/f", "elephant": "elefante/m", "bear": "urso/m", "zebra": "zebra/f", "giraffe": "girafa/f",
    "rabbit": "coelho/m|lebre/f", "mouse": "camundongo/m|rato pequeno/m/ratos pequenos", "rat": "rato/m|ratazana/f", "ox": "boi/m|touro/m",
    "buffalo": "búfalo/m", "bison": "bisão/m/bisões", "tiger": "tigre/m", "leopard": "leopardo/m|guepardo/m", "lion": "leão/m/leões",
    "dragon": "dragão/m/dragões", "crocodile": "crocodilo/m|jacaré/m", "snail": "caracol/m/caracóis", "snake": "cobra/f|serpente/f",
    "ram": "carneiro/m", "goat": "cabra/f|bode/m", "monkey": "macaco/m", "pig": "porco/m|leitão/m/leitões", "camel": "camelo/m|dromedário/m",
    "squirrel": "esquilo/m", "fox": "raposa/f", "wolf": "lobo/m", "panda": "panda/m", "koala": "coala/m", "raccoon": "guaxinim/m/guaxinins",
    "deer": "cervo/m|veado/m", "gorilla": "gorila/m", "rhinoceros": "rinoceronte/m", "hippopotamus": "hipopótamo/m", "kangaroo": "canguru/m",
    "llama": "lhama/f|alpaca/f", "hedgehog": "ouriço/m|porco-espinho/m/porcos-espinhos", "badger": "texugo/m", "skunk": "gambá/m",
    "beaver": "castor/m", "mammoth": "mamute/m", "donkey": "burro/m|jumento/m", "seal": "foca/f", "dinosaur": "dinossauro/m|saurópode/m",
    "tyrannosaurus": "tiranossauro/m|tiranossauro rex/m/tiranossauros rex", "turtle": "tartaruga/f", "lizard": "lagarto/m|lagartixa/f",
    "frog": "sapo/m|rã/f", "crab": "caranguejo/m", "lobster": "lagosta/f", "scorpion": "escorpião/m/escorpiões", "spider": "aranha/f",
    "ant": "formiga/f", "caterpillar": "lagarta/f", "ladybug": "joaninha/f", "bird": "pássaro/m|passarinho/m|ave/f", "seagull": "gaivota/f",
    "dove": "pomba/f|pombo/m", "eagle": "águia/f|falcão/m/falcões", "duck": "pato/m", "goose": "ganso/m", "swan": "cisne/m", "flamingo": "flamingo/m",
    "parrot": "papagaio/m", "owl": "coruja/f", "peacock": "pavão/m/pavões", "turkey": "peru/m", "rooster": "galo/m", "chicken": "galinha/f|frango/m",
    "chick": "pintinho/m", "penguin": "pinguim/m/pinguins", "dodo": "dodô/m", "bat": "morcego/m", "bee": "abelha/f", "butterfly": "borboleta/f",
    "fish": "peixe/m", "tropical fish": "peixe tropical/m/peixes tropicais", "pufferfish": "baiacu/m", "shark": "tubarão/m/tubarões",
    "dolphin": "golfinho/m", "whale": "baleia/f", "octopus": "polvo/m", "jellyfish": "água-viva/f/águas-vivas|medusa/f",
    "car": "carro/m|automóvel/m/automóveis", "suv": "suv/m/suvs|jipe/m", "taxi": "táxi/m",
    "police car": "viatura policial/f/viaturas policiais|carro de polícia/m/carros de polícia", "racing car": "carro de corrida/m/carros de corrida",
    "bus": "ônibus/m/ônibus|autocarro/m", "minibus": "van/f/vans|micro-ônibus/m/micro-ônibus", "ambulance": "ambulância/f",
    "fire truck": "caminhão de bombeiros/m/caminhões de bombeiros|carro de bombeiros/m/carros de bombeiros", "truck": "caminhão/m/caminhões",
    "semi truck": "carreta/f|caminhão articulado/m/caminhões articulados", "pickup truck": "caminhonete/f|picape/f", "tractor": "trator/m",
    "rickshaw": "riquixá/m|tuk-tuk/m", "bicycle": "bicicleta/f|bike/f", "motorcycle": "motocicleta/f|moto/f",
    "scooter": "scooter/f/scooters|lambreta/f", "kick scooter": "patinete/m", "skateboard": "skate/m|prancha de skate/f/pranchas de skate",
    "sled": "trenó/m", "train": "trem/m/trens|locomotiva/f|comboio/m",
    "high-speed train": "trem-bala/m/trens-bala|trem de alta velocidade/m/trens de alta velocidade", "tram": "bonde/m",
    "carousel horse": "cavalo de carrossel/m/cavalos de carrossel", "boat": "barco/m|barco a vela/m/barcos a vela|veleiro/m",
    "speedboat": "lancha/f|lancha rápida/f/lanchas rápidas", "motorboat": "barco a motor/m/barcos a motor|iate/m",
    "ship": "navio/m|navio a vapor/m/navios a vapor", "cruise ship": "navio de cruzeiro/m/navios de cruzeiro|cruzeiro/m", "ferry": "balsa/f|ferry/m",
    "canoe": "canoa/f|barco a remo/m/barcos a remo", "airplane": "avião/m/aviões",
    "propeller plane": "avião pequeno/m/aviões pequenos|avião a hélice/m/aviões a hélice", "helicopter": "helicóptero/m",
    "rocket": "foguete/m|nave espacial/f/naves espaciais", "flying saucer": "disco voador/m/discos voadores|óvni/m",
    "parachute": "paraquedas/m/paraquedas", "sports ball": "bola de futebol/f/bolas de futebol|bola/f",
    "basketball": "bola de basquete/f/bolas de basquete", "volleyball": "bola de vôlei/f/bolas de vôlei",
    "baseball": "bola de beisebol/f/bolas de beisebol",
    "american football": "bola de futebol americano/f/bolas de futebol americano|bola de rúgbi/f/bolas de rúgbi",
    "ball": "bola de bilhar/f/bolas de bilhar", "frisbee": "frisbee/m|disco de frisbee/m/discos de frisbee", "yo-yo": "ioiô/m",
    "balloon": "balão/m/balões|bexiga/f", "kite": "pipa/f", "house": "casa/f", "cottage": "chalé/m|casa de campo/f/casas de campo",
    "castle": "castelo/m", "church": "igreja/f", "mosque": "mesquita/f", "school": "escola/f", "hut": "cabana/f|choupana/f",
    "tent": "barraca/f|tenda/f", "circus tent": "tenda de circo/f/tendas de circo|circo/m", "ferris wheel": "roda-gigante/f/rodas-gigantes",
    "fountain": "fonte/f|chafariz/m", "statue": "estátua/f|estátua da liberdade/f/estátuas da liberdade", "tower": "torre/f",
    "slide": "escorregador/m", "rock": "pedra/f|rocha/f", "tree": "árvore/f", "fir tree": "pinheiro/m|abeto/m", "palm tree": "palmeira/f|coqueiro/m",
    "christmas tree": "árvore de natal/f/árvores de natal", "cactus": "cacto/m",
    "potted plant": "planta em vaso/f/plantas em vaso|vaso com planta/m/vasos com planta", "leaf": "folha/f|folha de bordo/f/folhas de bordo",
    "mushroom": "cogumelo/m", "rose": "rosa/f", "tulip": "tulipa/f", "sunflower": "girassol/m/girassóis", "flower": "flor/f|margarida/f",
    "bouquet": "buquê de flores/m/buquês de flores|ramo de flores/m/ramos de flores", "snowman": "boneco de neve/m/bonecos de neve",
    "chair": "cadeira/f", "couch": "sofá/m", "bed": "cama/f", "toilet": "vaso sanitário/m/vasos sanitários|privada/f", "bathtub": "banheira/f",
    "door": "porta/f", "mirror": "espelho/m", "ladder": "escada/f", "tv": "televisão/f/televisões|televisor/m|tv/f/tvs",
    "desktop computer": "computador de mesa/m/computadores de mesa|computador/m", "laptop": "laptop/m/laptops|notebook/m/notebooks",
    "keyboard": "teclado/m", "cell phone": "telefone celular/m/telefones celulares|celular/m|telemóvel/m/telemóveis", "radio": "rádio/m",
    "camera": "câmera fotográfica/f/câmeras fotográficas|máquina fotográfica/f/máquinas fotográficas",
    "clock": "relógio/m|relógio de mesa/m/relógios de mesa", "alarm clock": "despertador/m", "watch": "relógio de pulso/m/relógios de pulso",
    "vase": "jarro/m|vaso de flores/m/vasos de flores|ânfora/f", "lamp": "lâmpada/f|luminária/f", "candle": "vela/f", "flashlight": "lanterna/f",
    "lantern": "lanterna de papel/f/lanternas de papel|lampião/m/lampiões", "bell": "sino/m", "key": "chave/f", "book": "livro/m",
    "box": "pacote/m|caixa/f", "gift": "presente/m", "bucket": "balde/m", "basket": "cesta/f|cesto/m", "broom": "vassoura/f", "scissors": "tesoura/f",
    "toothbrush": "escova de dentes/f/escovas de dentes", "umbrella": "guarda-chuva/m/guarda-chuvas|guarda-sol/m/guarda-sóis",
    "backpack": "mochila/f", "handbag": "bolsa de mão/f/bolsas de mão|bolsa/f", "suitcase": "mala/f",
    "shopping cart": "carrinho de compras/m/carrinhos de compras", "tie": "gravata/f", "dress": "vestido/m", "t-shirt": "camiseta/f",
    "jeans": "jeans/mp|calça jeans/f/calças jeans", "shoe": "sapato/m|tênis de corrida/m/tênis de corrida", "boot": "bota/f",
    "scarf": "cachecol/m/cachecóis", "gloves": "luvas/fp", "hat": "chapéu/m|cartola/f", "cap": "boné/m", "crown": "coroa/f",
    "teddy bear": "ursinho de pelúcia/m/ursinhos de pelúcia|urso de pelúcia/m/ursos de pelúcia", "robot": "robô/m",
    "roller skate": "patins de rodas/mp", "skis": "esquis/mp", "tennis racket": "raquete de tênis/f/raquetes de tênis|raquete/f",
    "boxing glove": "luva de boxe/f/luvas de boxe", "trophy": "troféu/m", "guitar": "violão/m/violões|guitarra/f", "violin": "violino/m",
    "drum": "tambor/m", "trumpet": "trompete/m", "star": "estrela/f", "diamond": "diamante/m|pedra preciosa/f/pedras preciosas|joia/f",
    "anchor": "âncora/f", "traffic light": "semáforo/m", "stop sign": "placa de pare/f/placas de pare|sinal de pare/m/sinais de pare",
    "fire extinguisher": "extintor de incêndio/m/extintores de incêndio", "bottle": "garrafa/f|garrafa de champanhe/f/garrafas de champanhe",
    "wine glass": "taça de vinho/f/taças de vinho|taça/f", "cup": "xícara/f|xícara de café/f/xícaras de café|caneca/f", "teapot": "bule/m",
    "glass of milk": "copo de leite/m/copos de leite", "fork": "garfo/m", "knife": "faca/f", "spoon": "colher/f", "bowl": "tigela/f",
    "banana": "banana/f", "apple": "maçã/f", "orange": "laranja/f|tangerina/f", "lemon": "limão/m/limões", "strawberry": "morango/m",
    "cherries": "cerejas/fp", "grapes": "cacho de uvas/m/cachos de uvas|uvas/fp", "watermelon": "melancia/f",
    "pineapple": "abacaxi/m|ananás/m/ananases", "tomato": "tomate/m", "eggplant": "berinjela/f", "corn": "espiga de milho/f/espigas de milho|milho/m",
    "broccoli": "brócolis/m/brócolis", "carrot": "cenoura/f", "pumpkin": "abóbora/f", "sandwich": "sanduíche/m",
    "hot dog": "cachorro-quente/m/cachorros-quentes", "hamburger": "hambúrguer/m", "pizza": "pizza/f|fatia de pizza/f/fatias de pizza",
    "bread": "pão/m/pães", "croissant": "croissant/m", "cheese": "queijo/m|pedaço de queijo/m/pedaços de queijo", "egg": "ovo/m",
    "donut": "donut/m|rosquinha/f", "cake": "bolo/m|bolo de aniversário/m/bolos de aniversário", "cupcake": "cupcake/m|bolinho/m",
    "ice cream": "sorvete/m|casquinha de sorvete/f/casquinhas de sorvete",
}  # fmt: skip

PHRASES: Final = Phrases(
    colors={
        "red": "vermelho/vermelha/vermelhos/vermelhas", "green": "verde/verde/verdes/verdes", "blue": "azul/azul/azuis/azuis", "yellow": "amarelo/amarela/amarelos/amarelas",
        "orange": "laranja/laranja/laranja/laranja|alaranjado/alaranjada/alaranjados/alaranjadas", "purple": "roxo/roxa/roxos/roxas|violeta/violeta/violeta/violeta",
        "pink": "rosa/rosa/rosa/rosa|cor-de-rosa/cor-de-rosa/cor-de-rosa/cor-de-rosa", "black": "preto/preta/pretos/pretas|negro/negra/negros/negras",
        "white": "branco/branca/brancos/brancas",
    },
    numbers={"2": "dois/duas", "3": "três/três", "4": "quatro/quatro"},
    verbs={
        "move": "se movendo/se move/se movem", "play": "brincando/brinca/brincam", "stand": "em repouso/está em repouso/estão em repouso",
        "stand:person": "de pé/está de pé/estão de pé|em pé/está em pé/estão em pé", "stand:animal": "de pé/está de pé/estão de pé",
        "walk": "andando/anda/andam|caminhando/caminha/caminham|passeando/passeia/passeiam", "run": "correndo/corre/correm",
        "hop": "pulando/pula/pulam|saltando/salta/saltam", "dance": "dançando/dança/dançam", "fly": "voando/voa/voam|planando/plana/planam",
        "fly:balloon": "flutuando/flutua/flutuam|voando/voa/voam", "drive": "andando na estrada/anda na estrada/andam na estrada|circulando/circula/circulam|rodando/roda/rodam",
        "ride": "avançando/avança/avançam", "ride:person": "pedalando/pedala/pedalam", "sail": "navegando/navega/navegam|velejando/veleja/velejam", "swim": "nadando/nada/nadam",
        "roll": "rolando/rola/rolam", "bounce": "quicando/quica/quicam", "rise": "subindo/sobe/sobem|elevando-se/eleva-se/elevam-se", "fall": "caindo/cai/caem",
    },
    directions={
        "left": "para a esquerda|à esquerda|da direita para a esquerda", "right": "para a direita|à direita|da esquerda para a direita",
        "towards": "em direção à câmera|aproximando-se da câmera", "away": "afastando-se|afastando-se da câmera|para longe",
    },
    places={
        "park": "em um parque|no parque|na grama de um parque|num parque", "beach": "na praia|em uma praia|numa praia de areia",
        "city": "em uma rua da cidade|na cidade|numa rua movimentada|em uma cidade movimentada", "snow": "em um campo nevado|numa paisagem nevada|em um campo coberto de neve",
        "desert": "no deserto|em um deserto|entre dunas de areia", "sea": "no mar|sobre o mar|no oceano", "mountains": "nas montanhas|na montanha|em frente às montanhas",
        "room": "em um quarto|numa sala|em uma sala de estar|dentro de casa",
    },
    through={
        "park": "por um parque|pelo parque", "beach": "pela praia|ao longo da praia", "city": "pela cidade|por uma rua da cidade", "snow": "por um campo nevado",
        "desert": "pelo deserto", "mountains": "pelas montanhas",
    },
    weather_in={
        "park": "em um parque {m}", "beach": "em uma praia {f}", "city": "em uma cidade {f}|por uma cidade {f}", "desert": "em um deserto {m}", "sea": "em um mar {m}",
        "mountains": "em uma montanha {f}",
    },
    adjectives={"snow": "com neve/com neve|nevado/nevada", "rain": "chuvoso/chuvosa", "fog": "enevoado/enevoada|nebuloso/nebulosa"},
    stages={
        "park": "um parque tranquilo|um parque com árvores", "beach": "uma praia serena|uma bela praia|uma praia de areia", "city": "uma rua da cidade|uma cidade movimentada|uma rua tranquila",
        "snow": "um campo nevado|um campo coberto de neve", "desert": "um vasto deserto|um deserto de dunas", "sea": "o mar aberto|um mar calmo|o oceano",
        "mountains": "uma paisagem de montanha|montanhas majestosas", "room": "um quarto aconchegante|uma sala de estar",
    },
    waves={"beach": "ondas quebrando suavemente|ondas suaves", "sea": "ondas suaves|ondas calmas"},
    daytimes={"day": "de dia|à luz do dia|durante o dia", "sunset": "ao pôr do sol|ao entardecer|ao anoitecer", "night": "à noite|de noite|sob o luar"},
    weathers={
        "clear": "sob um céu limpo|com tempo limpo", "snow": "sob a neve|enquanto neva|com neve caindo", "rain": "na chuva|enquanto chove|sob chuva forte",
        "leaves": "com folhas de outono caindo|entre folhas de outono que caem", "fog": "na neblina|no nevoeiro|em meio à neblina",
    },
    cameras={
        "static": "câmera fixa|plano fixo", "pan left": "a câmera se move para a esquerda|panorâmica para a esquerda", "pan right": "a câmera se move para a direita|panorâmica para a direita",
        "tilt up": "a câmera se inclina para cima|inclinação para cima", "tilt down": "a câmera se inclina para baixo|inclinação para baixo",
        "zoom in": "a câmera se aproxima|zoom de aproximação", "zoom out": "a câmera se afasta|zoom de afastamento",
    },
    styles={
        "paper": "teatro de papel|com recortes de papel", "cartoon": "estilo de desenho animado|desenho animado", "noir": "em preto e branco|cinema noir em preto e branco",
        "vintage": "filme antigo|estilo retrô em sépia", "watercolor": "aquarela|pintura em aquarela|no estilo de uma aquarela", "pixel": "pixel art|arte em pixels",
    },
    relations={
        "left of": "à esquerda de", "right of": "à direita de", "on top of": "em cima de|sobre", "behind": "atrás de", "in front of": "na frente de|diante de",
        "on the bottom of": "embaixo de|debaixo de",
    },
    behind={
        "tree": "passando por trás de uma árvore|desaparecendo atrás de uma árvore e reaparecendo", "rock": "passando por trás de uma rocha|desaparecendo atrás de uma rocha e reaparecendo",
        "pillar": "passando por trás de um pilar|passando por trás de uma coluna",
    },
    views={"overhead": "no céu|no alto", "front": "vista frontal|vista de frente"},
    glue="um uma uns umas o a os as de do da dos das e com em no na nos nas num numa ao à por pelo pela para que há tem está estão se seu sua seus suas vestido vestida vestidos "
    "roupa roupas camisa camisas vestindo usando alguns algumas vários várias este esta isto vídeo filme cena mostra junto perto muito grande pequeno pequena jovem bonito bonita",
    small="também aqui ali lentamente rapidamente juntos ainda",
)  # fmt: skip


def read_name(fields: Sequence[str]) -> Name:
    one, gender = fields[0], fields[1]
    plural = gender.endswith("p")
    many = one if plural else fields[2] if len(fields) > 2 else plural_of(one)
    return Name(one=one, many=many, gender=gender[0], plural=plural)


def plural_of(word: str) -> str:
    if word.endswith("m"):
        return word[:-1] + "ns"
    if word.endswith(("r", "z", "s")):
        return word + "es"
    for ending, plural in (("el", "éis"), ("al", "ais"), ("ol", "óis"), ("ul", "uis")):
        if word.endswith(ending):
            return word[:-2] + plural
    return word + "s"


def noun(group: Group, pen: Pen, oblique: bool) -> str:
    """ "duas casas vermelhas": numbers, articles and colours agree; people wear the colour."""
    name, feminine = group.name, group.name.gender == "f"
    words = name.many if group.many else name.one
    color = ""
    if group.color:
        forms = pen.word("colors", group.color).split("/")
        color = " " + (dressed(group, forms, pen) if group.human else forms[(2 if group.many else 0) + feminine])
    if group.count > 1:
        return f"{pen.word('numbers', str(group.count)).split('/')[feminine]} {words}{color}"
    if group.many:
        article = ("umas " if feminine else "uns ") if name.plural and group.count else ""
        return f"{article}{words}{color}"
    return f"{'uma' if feminine else 'um'} {words}{color}"


def dressed(group: Group, forms: list[str], pen: Pen) -> str:
    options = f"de {forms[0]}|com roupa {forms[1]}"
    if group.costumed:
        options = f"de {forms[0]}"
    elif group.woman:
        options += f"|com vestidos {forms[2]}" if group.many else f"|com um vestido {forms[0]}|de vestido {forms[0]}"
    else:
        options += f"|com camisas {forms[3]}" if group.many else f"|com uma camisa {forms[1]}"
    return pen.of(options)


PORTUGUESE: Final = LanguagePack(
    key="pt",
    title="Portuguese",
    nouns=NOUNS,
    read_name=read_name,
    phrases=PHRASES,
    grammar=Grammar(
        write=sentence, noun_phrase=noun, verb=plain_verb, conjunctions=("com", " e "), moving=r"ndo-se(?: |$)",
    ),
    wording=Wording(
        synonyms=(
            ("noun", "child", "criança", "bebê|bebé|neném|guri|guria"), ("noun", "child", "crianças", "bebês|bebés|nenéns"),
            ("noun", "man", "homem", "rapaz|pai|cara|marido"), ("noun", "man", "homens", "rapazes|pais"), ("noun", "woman", "mulher", "mãe|dama|esposa"),
            ("noun", "woman", "mulheres", "mães|damas"), ("noun", "dog", "cachorro", "cadela|filhote de cachorro"), ("noun", "dog", "~cachorro", "labrador|pastor alemão|buldogue"),
            ("noun", "cat", "gato", "gata|gatinha|bichano"), ("noun", "horse", "cavalo", "égua|potro|garanhão"), ("noun", "bird", "~pássaro", "pardal|corvo|andorinha|beija-flor"),
            ("noun", "car", "carro", "veículo|carrinho"), ("noun", "car", "carros", "veículos|carrinhos"), ("noun", "airplane", "avião", "aeronave|aeroplano"),
            ("noun", "tree", "~árvore", "carvalho|salgueiro|mangueira"), ("noun", "house", "casa", "moradia|mansão|casinha"), ("noun", "chair", "~cadeira", "poltrona|banquinho"),
            ("color", "red", "vermelho", "escarlate|carmim|encarnado"), ("color", "yellow", "amarelo", "dourado|dourada|loiro|loira"), ("color", "purple", "roxo", "lilás|lavanda"),
            ("color", "white", "~branco", "prateado|prateada"), ("action", "stand", "~de pé", "sentado|sentada|dormindo|deitado|deitada|descansando"),
            ("action", "run", "correndo", "galopando|trotando"), ("action", "run", "corre", "galopa|trota"), ("place", "park", "parque", "jardim|campina|prado"),
            ("place", "park", "~parque", "floresta|bosque|mata|selva"), ("place", "sea", "~mar", "lago|rio|lagoa|piscina"), ("place", "room", "~quarto", "cozinha|escritório|banheiro"),
            ("place", "city", "cidade", "vila|aldeia|metrópole"), ("weather", "clear", "+sob um céu limpo", "ensolarado|ensolarada"), ("weather", "rain", "+na chuva", "tempestade|temporal|chovendo"),
            ("weather", "snow", "+sob a neve", "nevasca|nevando"), ("style", "cartoon", "+estilo de desenho animado", "anime|mangá|quadrinhos"), ("style", "noir", "+em preto e branco", "monocromático"),
            ("count", "2", "dois", "um par de|2"), ("count", "3", "três", "um trio de|3"), ("count", "4", "quatro", "4"),
        ),
        dropped="só|somente|apenas|unicamente",
        unknown_places="lua|a lua|marte|espaço|estádio|aeroporto|museu|hospital|supermercado|caverna|vulcão|fábrica|ponte|teatro|debaixo d'água",
        many="cinco|seis|sete|oito|nove|dez|onze|doze|uma dúzia de|vinte|cinquenta|cem|centenas de|milhares de",
        units=frozenset({"segundo", "segundos", "minuto", "minutos", "hora", "horas"}),
        negators="sem nenhum|sem nenhuma|sem|nenhum|nenhuma|não há|não tem|não|nunca|ninguém",
        negation_stops="em no na nos nas a ao com por sobre sob de do da desde mas só enquanto durante entre para que é há perto",
        denying=frozenset({"ninguem"}),
        ands=frozenset({"e"}),
        articles=frozenset({"um", "uma", "o", "a", "os", "as", "dois", "duas", "tres", "quatro"}),
        affirmed=frozenset({"so", "apenas", "somente"}),
    ),
    sentences=SentenceRules(
        labels=r"cena|tomada",
        cut=r"(?:e\s+)?(?:depois\s+)?(?:corte|cortamos|corta)\s+para\b",
        flow=r"(?:e\s+)?(?:depois|em\s+seguida|então|logo\s+após)\b(?!\s+de\b)",
        never_last=r"sr|sra|srta|dr|dra",
        determiners=r"uma?|uns|umas|os?|as?|dois|duas|três|quatro|vários|várias|outro|outra|seu|sua",
        not_after=r"desde|até",
        settings=r"\b(?:em|no|na|nos|nas|num|numa|sobre|sob|por|pelo|pela|entre|dentro|fora|perto|ao|à|praia|parque|cidade|rua|deserto|mar|oceano|montanhas?|quarto|sala|floresta|céu)\b",
    ),
    marks="ãõâêôàç",
)  # fmt: skip
