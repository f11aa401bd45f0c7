"""What a site begins with: drafts of the pages that every agency needs, and who of the staff may do what with pages."""

from django.db import migrations

from ._permissions import GivePermissions

ABOUT = """
This site helps people who work for children and families to find programs, and to see how sure anyone can be that they work.

## What is here

Each program has a page that says whom it is for, what it sets out to do, how it is delivered and what is needed to run it. Within each topic area, a program has a rating of the published research on it. Next to the rating stand the studies that are recorded.

## Who we are

[fill in: the name of the agency, what it is charged with, and since when it publishes this site]

## Who pays for it

[fill in: who funds the site. Say whether anybody who funds it also has a stake in a program]

## What this site is not

It is not a list of programs to buy, and it does not approve or license any. A rating speaks of research. Whether a program fits the people whom you serve, your staff and your budget is for you to judge.
"""

HOW_WE_RATE = """
We look at the published research on a program, topic area by topic area. So one program may have several ratings, each for a different purpose.

## How a program comes here

[fill in: who may propose a program, when, and what is asked of it before it is reviewed]

## How we review it

1. We look for published, peer-reviewed studies of the program, and ask its representative whether we have missed any.
2. We read each study: how it was designed, with whom the program was compared, what was measured, and how long an effect lasted.
3. We compare what the studies found with the rating scale, in each topic area by the outcomes that the area names.
4. [fill in: who decides on a rating, and how conflicts of interest are dealt with]

## What a rating does not say

No rating is a promise. Most programs have not been studied enough to be rated, and that is no verdict on them: NR means that, when we looked, the research that a level needs had not been found.

## How often we look again

[fill in: after how long the research on a program is reviewed again, and what leads to an earlier review]

## If you disagree

[fill in: how a program's representative, a researcher or anybody else asks for a rating to be looked at again]
"""

FAQ = """
## What does the number next to a program mean?

It is the level of the research on the program within one topic area. The lower the number, the stronger the support by research. What each level asks for stands on the page of the rating scale.

## Is NR a bad rating?

No. It means that the program is not able to be rated: when we looked, the published, peer-reviewed research that a level needs had not been found. It stands apart from the scale.

## Why does a program have several ratings?

A rating holds within one topic area. The same program may be well studied for one purpose and hardly at all for another.

## Should I always choose the program with the best rating?

Not by the rating alone. Look at whom the program was made for and studied with, what it costs, what training it takes, and whether your staff and families would want it.

## Why is a program missing?

Nobody may have proposed it yet, or it does not fit any of the topic areas. [fill in: how to propose a program]

## May I use what is here?

[fill in: under which terms texts and data may be used, and how to cite them]

## Something is wrong. Whom do I tell?

[fill in: how to reach you about a mistake, and how soon you answer]
"""

CONTACT = """
We read every message. Please say which page you write about.

## By e-mail

[fill in: an e-mail address, and how soon you answer]

## By phone or post

[fill in: a phone number with its hours, and a postal address]

## About a program

For training, materials and prices, write to the contact on the program's own page. We do not run any of the programs.

## In an emergency

We cannot help in an emergency, nor advise on single cases. [fill in: whom to call about a child in danger]
"""

PRIVACY = """
You can read all of this site without telling us who you are.

## What we store about visitors

The public pages set no cookies, hold no content of other companies, and count nobody. Like every web server, ours notes the requests that it gets, with the address of the device, so that faults and attacks can be found. [fill in: who runs the server, and for how long these notes are kept]

## If you send us something

We use what you send to answer you and to correct what is here. [fill in: how long messages are kept, and who reads them]

## People named on these pages

Topic experts, authors of studies and contacts of programs are named with what they do at work. If you are one of them and something is wrong, tell us.

## Your rights

[fill in: the law that applies, the rights that it gives, and whom to ask]
"""

ACCESSIBILITY = """
Everybody should be able to find, read, compare and print what is here.

## The standard that we work to

We want these pages to meet the Web Content Accessibility Guidelines (WCAG) 2.2, level AA. They are built to work with the keyboard alone, with a screen reader, enlarged, without JavaScript and on paper.

## What does not meet it yet

[fill in: known obstacles, such as documents that others have written, and how to get at their content all the same]

## If something stands in your way

[fill in: how to reach you, and how soon you answer]. Say which page it was and what you wanted to do.

## If we do not help

[fill in: where to complain, if the law names a body for that]
"""

TERMS = """
By using this site you accept what is written here.

## What the ratings are

Ratings and texts sum up research as we found it by the date on each page. They are given with care and without warranty. They are not advice for a single case, and they do not replace the judgment of those who work with a child or family.

## What others are answerable for

Much of what is said of a program comes from its representative. We do not control other sites to which pages lead. Where a page names its source, it retells what somebody else has published: what it says, ratings included, is theirs, and whoever uses it names them.

## Using what is here

[fill in: the license for texts and data, and the line with which you want to be named]

## Names and marks

Names of programs may be trademarks of their owners. That a program stands here does not mean that its owner endorses this site, or we the owner.

## Changes, and the law that applies

[fill in: how changes of these terms are announced, and which law applies]
"""

# Slug, title, place, order, whether the rating scale follows, text.
PAGES = (
    ("about", "About", "menu", 1, False, ABOUT),
    ("how-we-rate", "How we review and rate", "menu", 2, True, HOW_WE_RATE),
    ("faq", "Common questions", "menu", 3, False, FAQ),
    ("contact", "Contact", "footer", 1, False, CONTACT),
    ("privacy", "Privacy", "footer", 2, False, PRIVACY),
    ("accessibility", "Accessibility", "footer", 3, False, ACCESSIBILITY),
    ("terms", "Terms of use", "footer", 4, False, TERMS),
)
VIEW = {"view_page"}
EDIT = {*VIEW, "add_page", "change_page"}
PERMISSIONS = {
    "Viewers": VIEW,
    "Editors": EDIT,
    "Publishers": {*EDIT, "publish_page", "delete_page"},
}


def make_pages(apps, schema_editor):
    """Give a site the drafts that it begins with, unless it has pages already."""
    pages = apps.get_model("catalog", "Page").objects
    if not pages.exists():
        pages.bulk_create(
            pages.model(
                slug=slug,
                name=name,
                place=place,
                position=position,
                shows_scale=shows_scale,
                text=text.strip(),
            )
            for slug, name, place, position, shows_scale, text in PAGES
        )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0026_pages")]

    operations = [
        migrations.RunPython(make_pages, migrations.RunPython.noop),
        GivePermissions(PERMISSIONS),
    ]
