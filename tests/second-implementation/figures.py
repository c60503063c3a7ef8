"""Counts a published figure again from the entries of an export, as docs/statistics.md defines it.

Written from that page and from the events as they are stored; it shares nothing with the service or the first verifier.
"""

import calendar
import datetime
import hashlib
import re

from auditlog import Wrong, parse_entry, require

ROLES = {"chair", "head-of-delegation", "delegate", "expert", "speaker", "rapporteur"}
OF_MEETING = {
    "meeting_scheduled", "meeting_rescheduled", "meeting_relocated", "hosts_changed", "meeting_held", "meeting_corrected", "meeting_voided",
    "meeting_reinstated",
}
STATES = {
    "meeting_rescheduled": "scheduled", "meeting_postponed": "postponed", "meeting_cancelled": "cancelled", "meeting_held": "held",
    "meeting_did_not_take_place": "did-not-take-place",
}
MONTHS = calendar.month_name

# The value of a part that stands for what has no value.
NOT_STATED = "not-stated"


FIGURE = {"meetingsHeld", "meetingsWithoutAttendance", "attendances", "unnamed", "staffKnown", "staffAtLeast", "staffAtMost"}
QUESTION = {"framework", "from", "asOf", "knownAt", "level", "year", "party", "organisation", "orgView"}
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?", re.ASCII)

# What Python says of data that has another form than the one that is read from it.
NO_FORM = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, StopIteration, TypeError, ValueError)


def first_day(text):
    date = DATE.fullmatch(text)
    if not date:
        raise ValueError(f"{text!r} is no date")
    return datetime.date(*(int(part or 1) for part in date.groups()))


def dated(text):
    """The text, which is a date."""
    first_day(text)
    return text


def an_id(text):
    """The text, which is a UUID in the form of entries."""
    if not re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise ValueError(f"{text!r} is no id")
    return text


def a_count(value):
    """The value, which is a whole number of 32 bits."""
    if type(value) is not int or not -2**31 <= value < 2**31:
        raise ValueError(f"{value!r} is no count")
    return value


def new(known, id_):
    """The id, which nothing is known by so far."""
    if an_id(id_) in known:
        raise ValueError(f"{id_} is there already")
    return id_


def refuse_circle(first, following):
    """A line that came back to where it begins would have no end."""
    one = following(first)
    while one is not None:
        if one == first:
            raise ValueError(f"it leads from {first} back to it")
        one = following(one)


def last_day(text):
    day = first_day(text)
    if len(text) == 4:
        return datetime.date(day.year, 12, 31)
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]) if len(text) == 7 else day


def ends_at_midnight(text):
    return len(text) > 11 and text[10] == "T" and not text[11:].strip("0:.")


def words(day):
    return f"{day.day} {MONTHS[day.month]} {day.year}"


class History:
    """What the events up to a position say took place."""

    def __init__(self, entries):
        self.frameworks, self.meetings, self.names, self.merges, self.followers = {}, {}, {}, {}, {}
        for entry in entries:
            data, type_ = entry["data"], entry["type"]
            try:
                getattr(self, type_, lambda *_: None)(data, entry["id"])
                if type_ in STATES:
                    self.meetings[data["meetingId"]]["state"] = STATES[type_]
                if type_ in OF_MEETING:
                    self.meetings[data["meetingId"]]["events"].append(entry["id"])
            except NO_FORM as e:
                raise Wrong(f"the event {entry['id']} does not follow from what came before it: {type(e).__name__} {e}") from e

    def organisation_registered(self, data, _):
        self.names[an_id(data["organisationId"])] = [(datetime.date.min, data["shortName"])]

    def organisation_renamed(self, data, _):
        self.names[data["organisationId"]].append((first_day(data["on"]), data["shortName"]))

    def organisation_succeeded(self, data, _):
        (follower,) = [data.get("default")] if data["kind"] == "split" else data["successors"]
        self.followers[an_id(data["organisationId"])] = (first_day(data["on"]), follower and an_id(follower))
        refuse_circle(data["organisationId"], lambda one: self.followers.get(one, (None, None))[1])

    def person_merged(self, data, event):
        self.merges[an_id(data["personId"])] = (an_id(data["into"]), event)
        refuse_circle(data["personId"], lambda one: self.merges.get(one, (None, None))[0])

    def person_unmerged(self, data, _):
        del self.merges[data["personId"]]

    def framework_established(self, data, _):
        self.frameworks[new(self.frameworks, data["frameworkId"])] = {
            "since": dated(data["establishedOn"]), "parties": [p["code"] for p in data["parties"]], "members": [],
            "levels": {level["code"]: level["name"] for level in data["levels"]},
        }

    def level_added(self, data, _):
        self.frameworks[data["frameworkId"]]["levels"][data["level"]["code"]] = data["level"]["name"]

    def member_joined(self, data, _):
        member = [an_id(data["organisationId"]), data["party"], dated(data["joinedOn"]), None]
        self.frameworks[data["frameworkId"]]["members"].append(member)

    def member_left(self, data, _):
        members = self.frameworks[data["frameworkId"]]["members"]
        next(m for m in members if m[0] == data["organisationId"] and m[2] == data["joinedOn"] and m[3] is None)[3] = dated(data["leftOn"])

    def membership_corrected(self, data, _):
        members = self.frameworks[data["frameworkId"]]["members"]
        both = (data["replaced"], data["corrected"])
        replaced, corrected = ([data["organisationId"], m["party"], m["joinedOn"], m.get("leftOn")] for m in both)
        members[members.index(replaced)] = corrected

    def meeting_scheduled(self, data, _):
        self.meetings[new(self.meetings, data["meetingId"])] = {
            "state": "scheduled", "voided": False, "start": dated(data["start"]), "end": dated(data["end"]), "placed": self.placed(data),
            "events": [], "attended": {}, "heads": {},
        }

    def meeting_rescheduled(self, data, _):
        self.meetings[data["meetingId"]].update(start=dated(data["start"]), end=dated(data["end"]))

    def meeting_held(self, data, _):
        self.meetings[data["meetingId"]].update(start=dated(data["heldFrom"]), end=dated(data["heldTo"]))

    def meeting_corrected(self, data, _):
        corrected, meeting = data["corrected"], self.meetings[data["meetingId"]]
        meeting.update({name: dated(corrected[name]) for name in ("start", "end") if name in corrected})
        meeting["state"] = corrected.get("state", meeting["state"])
        if "frameworks" in corrected:
            meeting["placed"] = self.placed(corrected)

    def meeting_voided(self, data, _):
        self.meetings[data["meetingId"]]["voided"] = True

    def meeting_reinstated(self, data, _):
        self.meetings[data["meetingId"]]["voided"] = False

    def attendance_recorded(self, data, event):
        an_id(data["organisationId"])
        self.meetings[data["meetingId"]]["attended"][an_id(data["personId"])] = (data, [event])

    def attendance_corrected(self, data, event):
        attended = self.meetings[data["meetingId"]]["attended"]
        before, corrected = attended.get(data["personId"]), data["corrected"]
        an_id(corrected["organisationId"])
        stays = before and before[0]["status"] == corrected["status"] == "attended"
        attended[an_id(data["personId"])] = (corrected, before[1] + [event] if stays else [event])

    def delegation_counted(self, data, event):
        self.counted(data, data, event)

    def delegation_corrected(self, data, event):
        self.counted(data, data["corrected"], event)

    def counted(self, data, count, event):
        heads = self.meetings[data["meetingId"]]["heads"]
        events = heads.get(an_id(data["organisationId"]), (0, "", []))[2] + [event]
        heads[data["organisationId"]] = (a_count(count["count"]), count["precision"], events)

    @staticmethod
    def placed(data):
        return [(an_id(p["frameworkId"]), p["level"]) for p in data["frameworks"]]


class Recount:
    """The figure of a question, counted from a history."""

    def __init__(self, published, history):
        self.question, self.first_definition, self.history = published["question"], published["definition"] == "1", history
        self.as_of = first_day(published["asOf"])
        self.since = first_day(self.question["from"]) if self.question.get("from") else None
        asked = self.question.get("framework")
        self.frameworks = {id_: f for id_, f in history.frameworks.items() if asked in (None, id_)}
        self.evidence, self.pairs, self.present, self.unnamed, self.without, self.open = set(), set(), {}, 0, 0, False
        for id_, meeting in history.meetings.items():
            if self.is_asked(meeting):
                self.count(id_, meeting)

    def last(self, meeting):
        day = last_day(meeting["end"])
        if not self.first_definition and ends_at_midnight(meeting["end"]) and day > last_day(meeting["start"]):
            day -= datetime.timedelta(days=1)
        return day

    def is_asked(self, meeting):
        last = self.last(meeting)
        return (meeting["state"] == "held" and not meeting["voided"] and (self.since or last) <= last <= self.as_of
                and self.question.get("year") in (None, last.year) and bool(self.under(meeting)))

    def under(self, meeting):
        return [self.frameworks[f] for f, level in meeting["placed"] if f in self.frameworks and self.has("level", level)]

    def has(self, name, value):
        """Whether what has that value is in the part asked about; what has one is never in the part of what has none."""
        asked = self.question.get(name)
        return asked is None or asked != NOT_STATED and asked == value

    def shown_as(self, organisation):
        while self.question.get("orgView") == "lineage" and organisation in self.history.followers:
            on, follower = self.history.followers[organisation]
            if on > self.as_of:
                break
            organisation = follower
        return organisation

    def counts(self, meeting, organisation):
        if self.question.get("organisation") not in (None, self.shown_as(organisation)):
            return False
        day = last_day(meeting["start"])
        for framework in self.under(meeting):
            for member, party, joined, left in framework["members"]:
                if self.is_member(member, joined, left, organisation, day) and self.has("party", party):
                    return True
        return False

    @staticmethod
    def is_member(member, joined, left, organisation, day):
        return member == organisation and first_day(joined) <= day and (left is None or day < first_day(left))

    def is_of_nobody(self, meeting):
        """Whether nobody counts under one of the frameworks, and that is asked about: no organisation, and no party."""
        if self.question.get("party") not in (None, NOT_STATED) or self.question.get("organisation") is not None:
            return False
        day = last_day(meeting["start"])
        present = {data["organisationId"] for data, _ in meeting["attended"].values() if data["status"] == "attended" and data["role"] in ROLES}
        present |= {organisation for organisation, heads in meeting["heads"].items() if heads[0] > 0}
        return any(
            not any(self.is_member(member, joined, left, organisation, day)
                    for member, _, joined, left in framework["members"] for organisation in present)
            for framework in self.under(meeting))

    def one(self, person):
        while person in self.history.merges:
            person, event = self.history.merges[person]
            self.evidence.add(event)
        return person

    def count(self, id_, meeting):
        attended = [
            (person, events) for person, (data, events) in meeting["attended"].items()
            if data["status"] == "attended" and data["role"] in ROLES and self.counts(meeting, data["organisationId"])
        ]
        heads = [h for organisation, h in meeting["heads"].items() if h[0] > 0 and self.counts(meeting, organisation)]
        if not attended and not heads and not self.is_of_nobody(meeting):
            return
        persons = {self.one(person) for person, _ in attended}
        for events in [e for _, e in attended] + [h[2] for h in heads] + [meeting["events"]]:
            self.evidence.update(events)
        self.pairs |= {(id_, person) for person in persons}
        self.unnamed += sum(h[0] for h in heads)
        self.open |= any(h[1] != "exact" for h in heads)
        self.present[id_] = len(persons) + sum(h[0] for h in heads if h[1] != "estimated")
        self.without += not meeting["attended"] and all(h[0] == 0 for h in meeting["heads"].values())

    def stated(self):
        known = len({person for _, person in self.pairs})
        at_least = max([known, *self.present.values()])
        unknown = self.open or (self.without > 0 and not self.first_definition)
        figure = {
            "meetingsHeld": len(self.present), "meetingsWithoutAttendance": None if self.first_definition else self.without,
            "attendances": len(self.pairs), "unnamed": self.unnamed, "staffKnown": known, "staffAtLeast": at_least,
            "staffAtMost": None if unknown else known + self.unnamed,
        }
        ids = "".join(sorted(f"{id_}\n" for id_ in self.evidence))
        return {
            **figure, "sentence": self.sentence(figure), "evidence.count": len(self.evidence),
            "evidence.sha256": hashlib.sha256(ids.encode()).hexdigest(),
        }

    def sentence(self, figure):
        meetings, year = figure["meetingsHeld"], self.question.get("year")
        is_past = bool(year or self.since)
        number = "no meetings" if meetings == 0 else "1 meeting" if meetings == 1 else f"{meetings} meetings"
        number += self.which(figure)
        took = "took place" if is_past else "has taken place" if meetings == 1 else "have taken place"
        level = self.question.get("level")
        at = f" at the level {self.level(level)}" if level else " at all levels" if meetings else ""
        without = figure["meetingsWithoutAttendance"]
        missing = f" Of {without} {'meeting' if without == 1 else 'meetings'}, no attendance is recorded." if without else ""
        return f"{self.start()}{number} {took}{at}{self.staff(figure) if meetings else ''}.{missing}"

    def level(self, code):
        names = dict.fromkeys(f["levels"][code] for f in self.frameworks.values() if code in f["levels"])
        return code if self.first_definition or not names else " or ".join(names)

    def start(self):
        year = self.question.get("year")
        if self.since:
            first, last = self.since, self.as_of
            if year:
                first, last = max(first, datetime.date(year, 1, 1)), min(last, datetime.date(year, 12, 31))
            return f"From {words(first)} to {words(last)}, "
        if year and (self.first_definition or self.as_of >= datetime.date(year, 12, 31)):
            return f"In {year}, "
        if year:
            return f"From {words(datetime.date(year, 1, 1))} to {words(self.as_of)}, "
        dates = [f["since"] for f in self.frameworks.values()]
        if not dates:
            return "Since the start of the cooperation, "
        date = min(dates, key=first_day)
        day = first_day(date)
        since = f"in {date}" if len(date) == 4 else f"in {MONTHS[day.month]} {day.year}" if len(date) == 7 else f"on {words(day)}"
        return f"Since the start of the cooperation {since}, "

    def which(self, figure):
        """Of whom the meetings are: a sentence about some must not deny those of all others."""
        party, organisation = self.question.get("party"), self.question.get("organisation")
        if self.first_definition or (party is None and organisation is None):
            return ""
        if organisation is None and party == NOT_STATED:
            return " at which nobody is counted"
        return "" if figure["staffAtLeast"] else f" with counted {self.of()}staff"

    def staff(self, figure):
        least, most = figure["staffAtLeast"], figure["staffAtMost"]
        if least == 0 and not self.first_definition:
            return ""
        hundreds = least // 100 * 100
        number = (f"over {hundreds}" if hundreds and least > hundreds else str(least) if least == most
                  else f"at least {least}" if most is None else f"between {least} and {most}")
        member = "member of " if least == 1 and most in (1, None) and not self.first_definition else ""
        return f", involving {number} {member}{self.of()}staff"

    def of(self):
        if self.question.get("organisation"):
            names = [self.name(self.question["organisation"])]
        elif self.question.get("party"):
            names = [self.question["party"]]
        else:
            names = list(dict.fromkeys(p for f in self.frameworks.values() for p in f["parties"]))
        return "" if not names else f"{', '.join(names[:-1])} and {names[-1]} " if len(names) > 1 else f"{names[0]} "

    def name(self, organisation):
        names = [(on, place, name) for place, (on, name) in enumerate(self.history.names[organisation]) if on <= self.as_of]
        return max(names)[2]


def moment(text):
    """A time as an entry says it; a leap second is the last moment before it is over."""
    time = re.sub(r"(T\d\d:\d\d):60(\.\d+)?(?=[Z+-])", r"\1:59.999999", text.upper())
    time = re.sub(r"(\.\d{6})\d+", r"\1", time)
    time = datetime.datetime.fromisoformat(time)
    time = time.astimezone(datetime.timezone.utc) if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_known_at(text, position, entries):
    """Whether the position is the one asked for, or what had been recorded by the time asked for."""
    if re.fullmatch(r"\d+", text, re.ASCII):
        return int(text) == position
    time = moment(text)
    behind = min((e for e in entries if e["seq"] > position), key=lambda e: e["seq"], default=None)
    return all(e["at"] <= time for e in entries if e["seq"] <= position) and (behind is None or behind["at"] > time)


def differences(published, entries):
    """Each item of which the entries give something else, as it is published and as it is counted."""
    question = published["question"]
    require(set(question) <= QUESTION, f"no question has {sorted(set(question) - QUESTION)}")
    require(set(published["figure"]) <= FIGURE, f"not counted here: {sorted(set(published['figure']) - FIGURE)}")
    require(question.get("orgView") in (None, "atMeeting", "lineage"), f"there is no orgView {question.get('orgView')}")
    for asked in ("framework", "organisation"):
        require(question.get(asked) is None or an_id(question[asked]), f"the {asked} is none")
    require(question.get("year") is None or datetime.date(question["year"], 1, 1), "the year is none")
    require(type(published["position"]) is int, "the position is no whole number")
    require(published["definition"] in ("1", "2"), f"definition {published['definition']} is not known here")
    history = History(sorted((e for e in entries if e["seq"] <= published["position"]), key=lambda e: e["seq"]))
    counted = Recount(published, history).stated()
    stated = {
        **{name: published["figure"].get(name) for name in counted if name.startswith(("meetings", "attendances", "unnamed", "staff"))},
        "sentence": published["sentence"], "evidence.count": published["evidence"]["count"],
        "evidence.sha256": published["evidence"]["sha256"],
    }
    differing = [(name, stated[name], counted[name]) for name in counted
                 if stated[name] != counted[name] or type(stated[name]) is not type(counted[name])]
    if question.get("asOf") is not None and last_day(question["asOf"]) != last_day(published["asOf"]):
        differing.append(("asOf", published["asOf"], question["asOf"]))
    if question.get("knownAt") is not None and not is_known_at(question["knownAt"], published["position"], entries):
        differing.append(("position", published["position"], question["knownAt"]))
    return differing


def is_of(publication, entry):
    data = entry["data"]
    return entry["type"] == "figure_published" and isinstance(data, dict) and data.get("publicationId") == publication


def compare(files, publication):
    """What the entries of an export do not give of a publication: each item, as published and as counted; nothing where all is equal."""
    entries = [parse_entry(line.rstrip(b"\n")) for line in files.lines("entries.ndjson")]
    published = [e for e in entries if is_of(publication, e)]
    require(published, f"there is no publication {publication}")
    try:
        found = differences(published[-1]["data"], entries)
        position = published[-1]["data"]["position"]
        return found if position < published[-1]["seq"] else [*found, ("position", position, published[-1]["seq"])]
    except NO_FORM as e:
        raise Wrong(f"the publication has not the form of one: {type(e).__name__} {e}") from e
