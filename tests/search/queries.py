"""Words that tests of the search write into documents and ask for, by chance."""

from hypothesis import strategies as st

# Words that share stems, or the beginnings of others; accents; numbers; words in which other stemmers differ.
WORDS = [
    *("train", "trained", "training", "trainer", "parent", "parenting", "Élan", "elan", "NAÏVE"),
    *("trauma", "traumatic", "the", "of", "well-being", "Parents'", "3.5", "TF-CBT", "generously"),
    *("relational", "skies", "dying", "news", "Ünïted", "a_b", "O'Neil", "universe", "university"),
    # In one word and in two; other spellings.
    *("wellbeing", "well", "being", "oneil", "behaviour", "behavior", "child", "children"),
]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=5).map(" ".join)
chunks = st.one_of(
    words, words.map(lambda w: w[: max(2, len(w) // 2 + 1)]), texts.map('"{}"'.format)
)
queries = st.lists(
    st.tuples(st.sampled_from(["", "", "", "-"]), chunks).map("".join), min_size=1, max_size=4
).map(" ".join)
