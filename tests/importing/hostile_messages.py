"""What the importer says, as the answers to hostile files and rows have it."""

NUMBER = "Write a whole number in digits, such as 12."
WHEN = "Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15."
LETTERS = "Write letters a to z, digits, hyphens and underscores only, such as steady-ground."
ADDRESS = "Write a whole web address, such as https://example.org/program."
E_MAIL = "Write one e-mail address, such as name@example.org."
LEVELS = "Use one of: 1, 2, 3, 4, 5, NR."
STATUSES = "Use one of: draft, in-review, published, retired."
OUTCOMES = "Use one of: safety, permanency, well-being. Separate several by |."
SETTINGS = (
    "Use one of: adoptive-home, birth-family-home, community-agency, community-setting, day-treatment, "
    "foster-kinship-care, group-residential-care, hospital, justice-setting, outpatient-clinic, "
    "public-agency, school, shelter, virtual, workplace, other. Separate several by |."
)
REASONS = (
    "Use one of: no-eligible-study, no-control-group, measures, not-peer-reviewed, outside-outcomes, "
    "not-stated."
)
TYPES = (
    "Use one of: journal-article, book, chapter, report, thesis, conference-paper, website, other."
)
NONE_ADDED = "An import adds none: create it first."
NO_EXPERT = "There is no such topic expert."
NOBODY = "“nobody”: There is no such topic expert. An import adds none: create it first."
STRESS = "secondary-traumatic-stress"
UMBRELLA = "“Workforce well-being” is an umbrella area; rate the program in one of its parts."
GARBLED = "Letters seem to be garbled. Compare the cell with the original."
NO_STATUS = "Your account may not publish or retire."
NO_CURRENT = "This would leave the program without a current rating in the topic area."
LEVELS_OF_AREAS = " has an umbrella area itself; areas have two levels."
BLANK = "This field cannot be blank."
A_DATE = "This looks like a date that a spreadsheet has made of numbers such as “3-4”."
