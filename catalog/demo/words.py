"""The words of made-up catalogs. In each list common words come first: the rank decides how often one is drawn."""

from itertools import product


def listed(text: str) -> list[str]:
    """Return the values of a text that separates them by commas, and breaks its lines anywhere."""
    return [" ".join(value.split()) for value in text.split(",")]


# Topic areas that take ratings: name, abbreviation, umbrella area. The first ones are enough for a small catalog.
AREAS = [
    ("Parent Training Programs", "PT", "Parenting and Family Programs"),
    ("Trauma Treatment for Children and Adolescents", "TTC", "Trauma Programs"),
    ("Home Visiting Programs", "HV", "Parenting and Family Programs"),
    ("Kinship Caregiver Support Programs", "KCS", ""),
    ("Anxiety Treatment for Children and Adolescents", "", "Mental Health Programs"),
    ("Depression Treatment for Adults", "", "Mental Health Programs"),
    ("Trauma Treatment for Adults", "TTA", "Trauma Programs"),
    ("Substance Use Treatment for Adolescents", "SUT", "Substance Use Programs"),
    ("Reunification Programs", "", ""),
    ("Resource Parent Recruitment and Training", "RPT", ""),
    ("Disruptive Behavior Treatment", "DBT", "Mental Health Programs"),
    ("Youth Transitioning into Adulthood Programs", "YTA", "Older Youth Programs"),
    ("Prevention of Child Abuse and Neglect, Primary", "", "Maltreatment Prevention Programs"),
    ("Prevention of Child Abuse and Neglect, Secondary", "", "Maltreatment Prevention Programs"),
    ("Intimate Partner Violence Services", "IPV", ""),
    ("Family Stabilization Programs", "FS", "Parenting and Family Programs"),
    ("Substance Use Treatment for Parents", "", "Substance Use Programs"),
    ("Infant and Toddler Mental Health Programs", "ITMH", "Mental Health Programs"),
    ("Mentoring Programs for Children and Adolescents", "", "Older Youth Programs"),
    ("Post-Permanency Services", "PPS", ""),
    ("Behavioral Management for Adolescents in Child Welfare", "BMA", ""),
    ("Bipolar Disorder Treatment for Children and Adolescents", "", "Mental Health Programs"),
    ("Casework Practice", "", "Workforce Programs"),
    ("Supervision of Caseworkers", "", "Workforce Programs"),
    ("Secondary Trauma of Professionals", "STP", "Workforce Programs"),
    ("Commercial Sexual Exploitation of Children: Services", "CSEC", "Trauma Programs"),
    ("Domestic Violence Services for Children Who Witnessed It", "", "Trauma Programs"),
    ("Educational Interventions for Children and Adolescents", "", ""),
    ("Family Group Decision-Making", "FGDM", "Parenting and Family Programs"),
    ("Father Involvement Interventions", "", "Parenting and Family Programs"),
    ("Grief and Bereavement Programs", "", "Trauma Programs"),
    ("Group and Residential Care Programs", "", ""),
    ("Higher Levels of Placement", "", ""),
    ("Independent Living Skills Programs", "ILS", "Older Youth Programs"),
    ("Interventions for Neglect", "", "Maltreatment Prevention Programs"),
    ("Leadership and Organizational Change", "", "Workforce Programs"),
    ("Medication-Assisted Recovery", "MAR", "Substance Use Programs"),
    ("Parent Partner Programs", "PPP", "Parenting and Family Programs"),
    ("Placement Stabilization Programs", "", ""),
    ("Programs for Parents with Intellectual Disability", "", ""),
    ("Sexual Behavior Problems in Children", "", ""),
    ("Sibling Relationships in Care", "", ""),
    ("Suicide Prevention and Crisis Response", "", "Mental Health Programs"),
    ("Teen Pregnancy Services", "", "Older Youth Programs"),
    ("Visitation and Family Time Programs", "", ""),
    ("Youth Homelessness Services", "YHS", "Older Youth Programs"),
]

# A thousand places, of which all but a few dozen are rare words.
PLACES = [
    first + last
    for last, first in product(
        listed("""
            brook, field, dale, ford, haven, mere, wick, ridge, stead, combe, water, thorpe, gate,
            moor, fell, holm, burn, cliff, marsh, wold, minster, hurst, stow, ness, well
        """),
        listed("""
            Ash, Birch, Clear, Dun, Elm, Fair, Glen, Hart, Iron, Juniper, Kings, Lark, Maple,
            North, Oak, Pine, Quarry, Raven, Silver, Thorn, Under, Vine, Whit, Yarrow, Alder,
            Black, Crane, Deer, East, Fox, Gold, Hazel, Ivy, Kestrel, Lime, Mill, Otter, Plum,
            Rose, Stone
        """),
    )
]

WORDS = {
    "place": PLACES,
    "people": listed("""
        parents, families, foster parents, adolescents, young children, kinship caregivers,
        mothers, caregivers, school-age children, fathers, resource families, birth parents, youth
        in care, toddlers, grandparents, caseworkers, siblings, adoptive parents, infants,
        expectant mothers, young adults, teen parents, supervisors, refugee families, veterans,
        military families, deaf children, survivors of trafficking, incarcerated parents, couples,
        clinicians, mentors, tribal communities, unaccompanied minors, migrant farmworkers,
        stepparents
    """),
    "format": listed("""
        program, intervention, treatment, training, service, curriculum, model, group program, home
        visiting program, practice, coaching program, protocol, workshop, support group, framework,
        residential program, telehealth service, mentoring program, day program, app-based course,
        retreat, apprenticeship
    """),
    "quality": listed("""
        structured, brief, trauma-informed, strengths-based, family-centered, manualized,
        intensive, flexible, culturally responsive, relational, voluntary, peer-led,
        solution-focused, multisystemic, attachment-based, bilingual, phased, developmentally
        sensitive, playful, community-owned, interdisciplinary, psychodynamic, ecological,
        contemplative, neurosequential
    """),
    "problem": listed("""
        trauma, stress, child maltreatment, neglect, anxiety, depression, substance use, family
        conflict, disruptive behavior, grief, separation, domestic violence, placement changes,
        aggression, social isolation, poverty, school refusal, opioid misuse, attachment
        difficulties, homelessness, self-harm, bullying, sleep problems, running away, parental
        burnout, incarceration, postpartum depression, hyperactivity, eating disorders, gang
        involvement, gambling, hoarding, dissociation, encopresis, selective mutism, complicated
        bereavement, prenatal alcohol exposure, acculturative stress, alexithymia, trichotillomania
    """),
    "skill": listed("""
        communication, coping, emotion regulation, problem solving, positive parenting, safety
        planning, listening, setting limits, self-care, praise, daily routines, play, budgeting,
        mindfulness, relaxation, conflict resolution, goal setting, advocacy, co-parenting, help
        seeking, stress management, sensitive responding, anger management, reflective functioning,
        refusal skills, cooking, perspective taking, job interviewing, journaling, assertiveness,
        time management, co-regulation, mentalizing, distress tolerance, storytelling, savoring,
        motor imagery, bibliotherapy
    """),
    "method": listed("""
        role play, group discussion, home visits, coaching, homework, case management, individual
        sessions, video feedback, psychoeducation, family meetings, motivational interviewing,
        cognitive restructuring, modeling, peer support, exposure, art activities, live practice,
        telephone calls, contingency management, play therapy, narrative work, parallel group
        sessions, text messages, biofeedback, sandplay, music, yoga, equine activities, talking
        circles, drumming, gardening, psychodrama, photovoice, neurofeedback, virtual reality,
        puppetry
    """),
    "outcome": listed("""
        safety, child well-being, family functioning, permanency, parenting skills, placement
        stability, mental health, resilience, school attendance, reunification, recovery,
        attachment, self-esteem, social support, housing, employment, adoption, school readiness,
        hope, sibling contact, academic achievement, immunization, literacy, cultural identity,
        retention of caseworkers, sobriety, vagal tone, breastfeeding, executive functioning
    """),
    "worker": listed("""
        therapists, trained facilitators, social workers, home visitors, caseworkers, nurses,
        parent partners, teachers, counselors, psychologists, volunteers, peer mentors,
        paraprofessionals, community health workers, pediatricians, occupational therapists,
        probation officers, elders, doulas, chaplains, librarians, interpreters
    """),
    "setting": listed("""
        the home, schools, clinics, community centers, the agency's office, foster homes, group
        homes, shelters, hospitals, courts, primary care, churches, child care centers, detention
        centers, a video call, parks, libraries, tribal health centers, military bases, mobile
        units, museums, barbershops
    """),
    "design": listed("""
        Randomized controlled trial, Pretest–posttest study with a control group,
        Quasi-experimental study, One-group pretest–posttest study, Cluster randomized trial,
        Cohort study, Matched comparison, Interrupted time series, Multiple-baseline study,
        Regression discontinuity
    """),
    "language": listed("""
        Spanish, French, Chinese, Vietnamese, Arabic, Korean, Tagalog, Hmong, Somali, Português,
        Русский, Navajo, Samoan, Türkçe, Yupik
    """),
    "journal": listed("""
        Child Welfare, Family Studies, Prevention, Social Work Practice, Youth Services,
        Developmental Trauma, Parenting Research, Community Mental Health, School Psychology,
        Infant Studies, Kinship Care, Implementation, Recovery
    """),
    "surname": [
        *listed("""
            García, Nguyen, Johnson, Müller, Okafor, Peña, Andersson, Núñez, Kowalska, O’Brien,
            Łukasik, Haddad, Yılmaz, Ferreira, Šimková, Laurent, Tanaka, Begay, Ødegaard, Castañeda
        """),
        *PLACES,
    ],
    "first_name": listed("""
        Ana, Ben, Chloé, David, Elena, Farid, Grace, Hana, Inés, José, Kofi, Leila, María, Noah,
        Olga, Priya, Renée, Søren, Tomás, Uma, Viktor, Wen, Ximena, Yusuf, Zoë, Amara, Björn,
        Carmen, Diego, Esther
    """),
    # What names are made of.
    "image": listed("""
        Bright, Steady, Open, Rising, Gentle, New, Strong, Common, Safe, Growing, Quiet, Brave,
        Clear, Golden, Healing, Kind, Living, Morning, Nurturing, Rooted, Shared, True, Warm,
        Whole, Wise, Young, Caring, Hopeful, Patient, Sunny
    """),
    "thing": listed("""
        Harbor, Steps, Bridges, Horizons, Roots, Journeys, Pathways, Circles, Ground, Lanterns,
        Anchors, Branches, Compass, Doorways, Echoes, Footprints, Gardens, Hands, Islands, Kites,
        Ladders, Meadows, Nests, Orchards, Porches, Rivers, Seeds, Threads, Voices, Windows, Wings,
        Beginnings, Connections, Futures, Families, Foundations, Sails, Hearths
    """),
    "theme": listed("""
        Parenting, Resilience, Recovery, Family, Coping, Attachment, Mentoring, Wellness, Safety,
        Kinship, Reunification, Transition, Listening, Play, Fatherhood, Motherhood, Grief,
        Belonging, Learning, Leadership, Respite, Sibling
    """),
    "kind": listed("""
        Program, Training, Project, Model, Initiative, Therapy, Workshop, Curriculum, Network,
        Partnership, Academy, Intervention, Series, Collaborative, Coaching, Treatment, Groups,
        Toolkit, Practice, Approach
    """),
    "group": listed("""
        Parents, Families, Foster Parents, Adolescents, Young Children, Kinship Caregivers,
        Mothers, Fathers, Toddlers, Siblings, Adoptive Parents, Infants, Young Adults, Caseworkers,
        Grandparents, Schools, Teens, Couples, Supervisors, Youth in Care, Survivors, New Arrivals,
        Rural Communities, Deaf Children, Veterans
    """),
    "foreign": listed("""
        Familias Fuertes, Niños Seguros, Padres y Madres en Acción, Corazón de Niño, Premières
        Années, Maison Étoile, Raíces y Alas, Mañana Juntos, Über Brücken, Crecer en Casa, L’Été
        des Familles, Sueños Compartidos, Señales de Vida
    """),
}

SENTENCES = {
    "name": [
        "{image} {thing}: {theme} for {group}",
        "{image} {thing} {theme} {kind}",
        "{place} {theme} {kind}",
        "{place} {thing} {kind} for {group}",
        "{theme} {thing} for {group} in {place}",
        "{foreign} – {theme} {kind} of {place}",
    ],
    "opening": [
        "is a {quality} {format} for {people} who are affected by {problem}.",
        "is a {format} in which {people} learn {skill} and {skill}.",
        "is a {quality}, {quality} {format} that aims at {outcome}.",
        "was developed in {place} as a {format} for {people}.",
        "helps {people} to deal with {problem}, so that {outcome} can grow.",
    ],
    "description": [
        "It combines {method} with {method} to strengthen {skill}.",
        "Sessions take place in {setting} and are led by {worker}.",
        "Participants practice {skill}, {skill} and {skill} between the sessions.",
        "The program was first offered to {people} in {place} County.",
        "{worker} use {method} to help {people} recognize {problem} early.",
        "Each module ends with {method}, and the family chooses what to work on next.",
        "It rests on what is known about {problem} and its effect on {outcome}.",
        "Where {problem} stands in the way of {outcome}, {worker} add {method}.",
        "{people} meet others who have been through {problem}.",
        "A {quality} assessment at the start shows which of {skill} and {skill} comes first.",
        "Later sessions turn to {problem} and to the {outcome} of the whole family.",
        "An adaptation for {people} has been tried in {place} and in {place}.",
        "Its developers, {surname} and {surname}, describe it as {quality} and {quality}.",
        "With {method}, {people} rehearse {skill} until it becomes a habit.",
        "After the last session, {worker} offer follow-up by way of {method}.",
        "It can be delivered in {setting} or, where that is not possible, in {setting}.",
    ],
    "target": [
        "{people} who are affected by {problem}",
        "{people} and {people} in contact with the child welfare system",
        "{people} at risk of {problem} or {problem}",
        "{people} who seek help with {problem}",
    ],
    "goal": [
        "Less {problem}",
        "Better {skill} in daily life",
        "More {outcome}",
        "Lasting {outcome} for {people}",
        "Fewer crises that come from {problem}",
    ],
    "component": [
        "Every session has **{method}**",
        "A {quality} assessment of {problem}",
        "Groups of six to ten {people}, led by {worker}",
        "Practice of {skill} at home",
        "Supervision of {worker} every week",
    ],
    "intensity": [
        "Weekly sessions of 60 minutes",
        "Two sessions of 90 minutes a week",
        "One home visit a week, and telephone calls between visits",
        "A monthly meeting of two hours",
    ],
    "training": [
        "Two days on site, then {method} for three months.",
        "Online, at one's own pace, for {worker}.",
        "Three days, for agencies that have {worker} on their staff.",
    ],
    "child_services": [
        "{problem} of children, and its effect on {skill}.",
        "Children who have {problem}, and need {skill}.",
    ],
    "caregiver_services": [
        "{problem} in the family; {skill} of parents and caregivers.",
        "Caregivers who want more {skill} in dealing with {problem}.",
    ],
    "group_format": [
        "Groups of 6 to 12.",
        "One family at a time.",
        "Two facilitators with a group of up to ten {people}.",
    ],
    "homework": [
        "{skill} is practiced every day, for ten minutes.",
        "A page of the workbook after each session.",
        "Participants keep a diary of {skill}.",
    ],
    "resources_needed": [
        "A room for twelve, with a screen.",
        "A private room, childcare, and a telephone line for {worker}.",
        "Tablets with the program's software.",
    ],
    "provider_qualifications": [
        "{worker} with a bachelor's degree, and supervision by {worker}.",
        "A master's degree in social work or a related field.",
        "No degree; experience with {people}.",
    ],
    "adverse_effects": [
        "One study looked for harm and found none.",
        "Some {people} reported more {problem} in the first weeks.",
    ],
    "pre_implementation": [
        "A checklist of readiness, on the website.",
        "A call with the developer before the contract.",
    ],
    "formal_support": [
        "Monthly calls with the developer in the first year.",
        "Coaching of {worker} by certified trainers.",
    ],
    "fidelity_measures": [
        "A checklist that {worker} fill in after each session.",
        "Recordings of sessions are rated by the developer.",
    ],
    "implementation_guides": [
        "A guide for agencies, in three parts.",
        "A handbook for supervisors, with the manual.",
    ],
    "implementation_research": [
        "A study in {place} County asked {worker} what helped them to begin.",
        "A survey of agencies that stopped using it.",
    ],
    "caution": [
        "Programs that make {people} speak of {problem} in detail may raise it at first.",
        "Most studies were done with {people}; little is known of others.",
    ],
    "why_chosen": [
        "{problem} is among the reasons for which {people} come into contact with child welfare.",
        "Agencies asked which programs improve {outcome}.",
    ],
    "delivered_by": ["{worker} or {worker} with training in {method}", "{worker}, in {setting}"],
    "criterion": [
        "The program must be designed to reduce {problem} or to improve {outcome}.",
        "It must be offered to {people}.",
        "Research must measure {outcome} with a reliable and valid instrument.",
        "Studies of {people} count as well.",
    ],
    "biography": [
        "Studies {problem} and {outcome}, and has trained {worker} for many years.",
        "Leads a center that works with {people} who are affected by {problem}.",
    ],
    "rationale": [
        "The studies measured {outcome}; the comparison group received services as usual.",
        "The effect on {outcome} was seen at the end of the program.",
        "The review considered the research on {people}; research on {problem} was set aside.",
    ],
    "exclusion": [
        "There was no comparison group.",
        "The sample of {people} overlaps with that of another study.",
        "It did not measure {outcome}.",
    ],
    "finding": [
        "The study examined whether {method} improves {outcome}.",
        "{people} in the program showed more {skill} than those in the comparison group.",
        "There was no difference in {problem} at follow-up.",
        "Limitations include attrition and reliance on self-report.",
    ],
    "title": [
        "Effects of {method} on {outcome} in {people}: A randomized controlled trial",
        "{problem} among {people}: Results from {place} County",
        "{method} and {skill}: A pilot study with {people}",
        "Preventing {problem} with {method}: Two-year outcomes",
        "Does {skill} mediate {outcome}? Evidence from {people} in {place}",
        "Feasibility of a {quality} {format} for {people}",
    ],
}
