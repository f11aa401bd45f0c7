"""What people do and see in the browser: sign in, the element that has the focus, the seed's topic area."""

STRESS = "Secondary Traumatic Stress (STS) Prevention & Intervention Programs"
FOCUS = """() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        name: (element.labels?.[0] ?? element).innerText.trim() || element.value,
        // A button within a field, as that of a date, has the browser's own ring.
        outline: !element.matches(":focus") ? 1 : style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
}"""


def sign_in(page, user):
    user.set_password("long enough to pass")
    user.save()
    page.goto("/admin/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("long enough to pass")
    page.get_by_role("button", name="Log in").click()
