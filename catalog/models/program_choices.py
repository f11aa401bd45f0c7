"""What the coded fields of a program may hold."""

from django.db import models


class RelevanceLevel(models.TextChoices):
    """Say how close a program's usual clients are to those of child welfare. It is not a rating."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Availability(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not-known", "Not known"


class Provision(models.TextChoices):
    """Say whether something that helps to carry a program out is provided with it."""

    YES = "yes", "Provided"
    NO = "no", "None provided"
    NOT_KNOWN = "not-known", "Not known"


class Outcome(models.TextChoices):
    """List the child-welfare outcomes that a program's research examines."""

    SAFETY = "safety", "Safety"
    PERMANENCY = "permanency", "Permanency"
    WELL_BEING = "well-being", "Child/family well-being"


class DeliverySetting(models.TextChoices):
    ADOPTIVE_HOME = "adoptive-home", "Adoptive home"
    BIRTH_FAMILY_HOME = "birth-family-home", "Birth family home"
    COMMUNITY_AGENCY = "community-agency", "Community-based agency, organization or provider"
    COMMUNITY_SETTING = "community-setting", "Community daily living setting"
    DAY_TREATMENT = "day-treatment", "Day treatment program"
    FOSTER_KINSHIP = "foster-kinship-care", "Foster or kinship care"
    GROUP_RESIDENTIAL = "group-residential-care", "Group or residential care"
    HOSPITAL = "hospital", "Hospital"
    JUSTICE = "justice-setting", "Justice setting"
    OUTPATIENT = "outpatient-clinic", "Outpatient clinic"
    PUBLIC_AGENCY = "public-agency", "Public child welfare agency"
    SCHOOL = "school", "School"
    SHELTER = "shelter", "Shelter"
    VIRTUAL = "virtual", "Virtual (telephone, video, web)"
    WORKPLACE = "workplace", "Workplace"
    OTHER = "other", "Other"
