"""Three systems over the same utterances, ranked by what the tests tell apart."""

import random

import bench

CITIES = ["Aberdeen", "Brighton", "Cardiff", "Dundee", "Exeter", "Glasgow", "Leeds", "York"]
HOURS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def hear(text: str, errors: float, rng: random.Random) -> str:
    """Drops each word with a chance of `errors`."""
    return " ".join(word for word in text.split() if rng.random() >= errors)


rng = random.Random(1)
references = [f"the train to {city} leaves at {hour}" for city in CITIES for hour in HOURS]
speakers = [f"speaker {i % 16}" for i in range(len(references))]
float32 = [hear(text, 0.06, rng) for text in references]
int8 = [hear(text, 0.005, rng) for text in float32]
int4 = [hear(text, 0.08, rng) for text in float32]

systems = {"float32": float32, "int8": int8, "int4": int4}  # the control first
result = bench.rank(references, systems, all_pairs=True, speakers=speakers, language="en", margin=1.0)
print(result)  # what `bench compare --all-pairs` prints
