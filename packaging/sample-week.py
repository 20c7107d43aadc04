#!/usr/bin/env python3
"""Fills a library with a made-up week, for pictures of the report: sample-week.py LIBRARY.DB

The file must be an empty library, as `moodring history` makes one.
"""

import datetime
import random
import sqlite3
import sys

MOODS = {"happy": (0.8, 0.8), "sad": (0.2, 0.2), "angry": (0.2, 0.8), "surprised": (0.5, 0.8), "neutral": (0.5, 0.5)}
STEPS = {"match": (0.0, 0.0), "lift": (0.07, 0.035), "calm": (0.0, -0.07)}
# When music may be heard, in hours from midnight.
SITTINGS = [(8.4, 9.3), (12.5, 13.4), (15.0, 16.8), (19.2, 22.6)]
WORDS = "Amber Harbour Lantern Meadow Paper Quiet River Slow Summer Tin Violet Winter".split()
THINGS = "Bells Bridges Clouds Coats Fields Ghosts Hours Lights Rooms Stars Streets Trains".split()


def songs():
    for number in range(60):
        title = f"{random.choice(WORDS)} {random.choice(THINGS)}"
        artist = f"The {random.choice(THINGS)}"
        yield f"/music/{number}.ogg".encode(), title, artist, random.uniform(0.1, 0.9), random.uniform(0.1, 0.9)


def nearest(library, valence, energy):
    return min(library, key=lambda song: (song[3] - valence) ** 2 + (song[4] - energy) ** 2 + 0.02 * random.random())


def sitting(base, library, now, end):
    intent, led, change = random.choice(list(STEPS)), 0, now
    valence, energy = random.choice(list(MOODS.values()))
    while now < end:
        if now >= change:
            by_hand = random.random() < 0.15
            near = [random.gauss(0, 0.0 if by_hand else 0.06) for _ in range(2)]
            valence, energy = (min(max(a + b, 0.05), 0.95) for a, b in zip(random.choice(list(MOODS.values())), near))
            row = (int(now), valence, energy, 0.8, "hand" if by_hand else "looks")
            base.execute("INSERT INTO moods (at, valence, energy, confidence, source) VALUES (?, ?, ?, ?, ?)", row)
            led, change = 0, now + random.uniform(1500, 4500)
        ours = random.random() < 0.85
        step = STEPS[intent]
        song = nearest(library, valence + led * step[0], energy + led * step[1]) if ours else random.choice(library)
        led += ours
        finished = random.random() > 0.12
        lasted = random.randint(150, 280) if finished else 12
        row = (song[0], int(now + lasted), finished, ours, lasted, intent if ours else None)
        base.execute("INSERT INTO plays (path, at, finished, ours, lasted, intent) VALUES (?, ?, ?, ?, ?, ?)", row)
        now += lasted + 3
    base.execute("INSERT INTO moods (at, valence, energy, confidence, source) VALUES (?, 0.5, 0.5, 0, 'none')", (int(now),))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    random.seed(11)
    base = sqlite3.connect(sys.argv[1])
    library = list(songs())
    for path, title, artist, valence, energy in library:
        row = (path, title, artist, valence, energy)
        base.execute("INSERT INTO songs (path, size, modified, analysis, title, artist, valence, energy) "
                     "VALUES (?, 1, 1, 1, ?, ?, ?, ?)", row)
    today = datetime.datetime.combine(datetime.date.today(), datetime.time())
    for ago in range(6, -1, -1):
        midnight = (today - datetime.timedelta(days=ago)).timestamp()
        for begin, end in sorted(random.sample(SITTINGS, k=random.choice([1, 2, 3]))):
            until = min(midnight + end * 3600, datetime.datetime.now().timestamp())
            sitting(base, library, midnight + begin * 3600, until)
    base.commit()


main()
