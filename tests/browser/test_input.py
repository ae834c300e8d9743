"""Mouse, finger, pen and keyboard on the drawing area."""

from browser.test_try import answers, at, draw

BAR = [(0.5, 0.2), (0.5, 0.5), (0.5, 0.8)]


def seen(page):
    """The ink that the networks see, 0 for none."""
    answers(page)
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("#seen");
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.reduce((sum, value, at) => sum + (at % 4 === 0 ? 255 - value : 0), 0);
        }"""
    )


def send(page, kind, events):
    session = page.context.new_cdp_session(page)
    for event in events:
        session.send(f"Input.dispatch{kind}Event", event)


def test_a_finger_draws_and_the_page_stays_where_it_is(visit, report):
    page = visit(report, 360, has_touch=True, is_mobile=True).page
    page.locator("#pad").scroll_into_view_if_needed()
    places = [dict(zip("xy", at(page, point), strict=True)) for point in BAR]
    before = page.evaluate("scrollY")
    kinds = ["touchStart", "touchMove", "touchMove"]
    events = [{"type": k, "touchPoints": [p]} for k, p in zip(kinds, places, strict=True)]
    send(page, "Touch", [*events, {"type": "touchEnd", "touchPoints": []}])
    assert answers(page) == ["1", "1"]
    assert page.evaluate("scrollY") == before
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_pen_draws(page):
    page.locator("#pad").scroll_into_view_if_needed()
    kinds = ["mousePressed", "mouseMoved", "mouseMoved", "mouseReleased"]
    events = [
        dict(zip("xy", at(page, point), strict=True))
        | {"type": kind, "pointerType": "pen", "button": "left", "buttons": 1, "clickCount": 1}
        for kind, point in zip(kinds, [*BAR, BAR[-1]], strict=True)
    ]
    page.evaluate(
        """() => document.querySelector("#pad").addEventListener("pointerdown",
            (event) => { window.pointer = event.pointerType; })"""
    )
    send(page, "Mouse", events)
    assert page.evaluate("window.pointer") == "pen"
    assert answers(page) == ["1", "1"]


def test_the_keyboard_draws(page):
    page.locator("#pad").focus()
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(16):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert answers(page) == ["1", "1"]
    ink = seen(page)
    page.keyboard.press("ArrowLeft")  # the pen is up
    assert seen(page) == ink
    page.keyboard.press("Delete")
    assert seen(page) == 0


def test_a_click_makes_a_dot(page):
    page.locator("#pad").click()
    assert seen(page) > 0


def test_what_is_drawn_is_taken_back_or_cleared(page):
    assert page.locator("#verdict").inner_text() == "Nothing drawn yet."
    draw(page, 1)
    one = seen(page)
    page.mouse.click(*at(page, (0.1, 0.5)))
    assert seen(page) != one
    page.locator("#undo").click()
    assert seen(page) == one
    page.locator("#clear").click()
    assert seen(page) == 0
    assert page.locator("#verdict").inner_text() == "Nothing drawn yet."
    assert page.locator(".probabilities data").count() == 0


def test_a_stroke_begins_anew_after_a_loaded_image(page):
    page.locator("#images button").first.click()
    draw(page, 1)
    assert answers(page) == ["1", "1"]
    assert page.locator("#truth").inner_text() == ""
    assert page.locator("#images [aria-pressed=true]").count() == 0


def test_the_answer_is_said_once_the_pen_rests(page):
    page.evaluate(
        """() => {
            const spoken = document.querySelector("#spoken");
            window.said = [];
            new MutationObserver(() => window.said.push(spoken.textContent))
                .observe(spoken, {childList: true});
        }"""
    )
    page.wait_for_timeout(1000)
    page.evaluate("window.said.length = 0")
    draw(page, 0)
    page.wait_for_timeout(2000)
    said = page.evaluate("window.said")
    assert len(said) == 1
    assert said[0].startswith("Both networks predict 0; mean confidence ")
