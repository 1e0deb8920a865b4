"""The options that every mode takes. Those of one mode are in `mode_options`, or beside its declaration in `modes`."""

from yozora.core.options import Option
from yozora.core.quality import QUALITIES
from yozora.core.request import MAX_FPS, MAX_GUIDANCE, MAX_SEED, MAX_SIDE, MAX_STEPS, MIN_FPS, MIN_SIDE

COMMON: tuple[Option, ...] = (
    Option(
        name="size",
        kind="size",
        help="Width and height of the film in pixels [default: as the sources, or the model's].",
        aliases=("resolution",),
    ),
    Option(
        name="width",
        kind="whole",
        help="Width; the height follows from the shape.",
        unit="pixels",
        low=MIN_SIDE,
        high=MAX_SIDE,
    ),
    Option(
        name="height",
        kind="whole",
        help="Height; the width follows from the shape.",
        unit="pixels",
        low=MIN_SIDE,
        high=MAX_SIDE,
    ),
    Option(
        name="fit",
        kind="choice",
        help="How sources of another shape fit into the picture.",
        default="crop",
        choices=("crop", "pad", "stretch"),
    ),
    Option(
        name="fps",
        kind="number",
        help="Frames a second [default: as the sources, or the model's].",
        low=MIN_FPS,
        high=MAX_FPS,
        aliases=("frames_per_second", "frame_rate"),
    ),
    Option(name="native", kind="flag", help="Keep the model's own size and rate.", default=False),
    Option(
        name="seed",
        kind="whole",
        help="The same seed makes the same film, except for its invisible watermark [default: drawn].",
        low=0,
        high=MAX_SEED,
    ),
    Option(
        name="steps",
        kind="whole",
        help="Steps of the sampler; more steps are slower and give finer detail [default: the model's].",
        low=1,
        high=MAX_STEPS,
        aliases=("num_inference_steps", "num_steps"),
    ),
    Option(
        name="guidance",
        kind="pair",
        help="Guidance scale: how strictly to follow the prompt; 1 is no guidance; 4,3 is one for each of two experts"
        " [default: the model's].",
        low=0,
        high=MAX_GUIDANCE,
        aliases=("guidance_scale", "cfg", "cfg_scale"),
    ),
    Option(
        name="quality",
        kind="choice",
        help="Exact computes every step; balanced estimates most steps, fast even more, and the film differs a little.",
        default="exact",
        choices=QUALITIES,
    ),
    Option(
        name="negative_prompt",
        kind="text",
        help="What the film should not show.",
        default="",
        flag="--negative",
        aliases=("negative",),
    ),
    Option(name="style", kind="text", help="One of `yozora styles`, or your own words.", default=""),
    Option(name="model", kind="text", help="One of `yozora models`, or a folder or file of weights."),
    Option(name="vae", kind="text", help="A file or folder with another autoencoder.", local=True),
    Option(name="text_encoder", kind="text", help="A file or folder with another text encoder.", local=True),
    Option(
        name="loras",
        kind="loras",
        help="A LoRA and its strength, such as style.safetensors:0.8, or high=FILE or low=FILE for one of two experts;"
        " may be repeated.",
        flag="--lora",
        aliases=("lora",),
    ),
    Option(
        name="weights",
        kind="choice",
        help="Precision of the weights; eight bits take half the memory and change the film a little"
        " [default: full where it fits].",
        choices=("full", "fp8", "int8"),
        local=True,
    ),
    Option(
        name="memory",
        kind="bytes",
        help="Limit of device memory for a film, such as 8GB [default: all of it].",
        local=True,
    ),
    Option(
        name="ram", kind="bytes", help="Limit of main memory for a film, such as 12GB [default: all of it].", local=True
    ),
    Option(
        name="untrained",
        kind="flag",
        help="Allow inputs that the weights were not trained for, where possible.",
        default=False,
    ),
)
"""What every mode takes."""
