"""Time for the demo: UTC microseconds, the institute's calendar, and when things happen in a day.

All times are integers, microseconds since 1970-01-01T00:00Z. The institute lives in UK time (UTC until
29 March 2020 01:00Z, then UTC+1 to the end of the evidence), so the hour weights below are given for UTC+1.
"""

import bisect
import calendar
import time

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR

SUMMER_TIME_FROM = calendar.timegm((2020, 3, 29, 1, 0, 0)) * SECOND

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# Good Friday, Easter Monday, VE day, spring bank holiday.
BANK_HOLIDAYS = {(4, 10), (4, 13), (5, 8), (5, 25)}
PATCH_TUESDAYS = {(4, 14), (5, 12), (6, 9), (7, 14)}


def at(month, day, hour=0, minute=0, second=0, micro=0):
    """A UTC moment of 2020."""
    return calendar.timegm((2020, month, day, hour, minute, second)) * SECOND + micro


def days(first, last):
    """The midnights of the days first..last, both given as (month, day) of 2020 and both included."""
    moment = at(*first)
    end = at(*last)
    while moment <= end:
        yield moment
        moment += DAY


def parts(moment):
    return time.gmtime(moment // SECOND)


def month_day(moment):
    p = parts(moment)
    return p.tm_mon, p.tm_mday


def weekday(moment):
    """0 is Monday."""
    return (moment // DAY + 3) % 7


def is_working_day(moment):
    return weekday(moment) < 5 and month_day(moment) not in BANK_HOLIDAYS


def day_weight(moment):
    """How busy a day is against an ordinary Wednesday."""
    if month_day(moment) in BANK_HOLIDAYS:
        return 0.33
    day = weekday(moment)
    if day >= 5:
        return 0.30
    weight = (0.97, 1.03, 1.0, 1.04, 0.9)[day]
    if month_day(moment) in PATCH_TUESDAYS:
        weight *= 1.12
    return weight


# Weights of the 24 hours of a UK day.
OFFICE = (1, 1, 1, 1, 1, 2, 6, 18, 46, 70, 74, 66, 52, 60, 70, 68, 58, 40, 20, 12, 9, 7, 4, 2)
REMOTE = (2, 1, 1, 1, 1, 3, 10, 30, 62, 66, 58, 50, 44, 52, 58, 54, 46, 34, 24, 22, 20, 14, 8, 4)
LAB_NIGHT = (6, 3, 2, 2, 1, 2, 6, 18, 46, 66, 68, 60, 50, 56, 64, 62, 52, 38, 34, 40, 42, 36, 24, 12)
FLAT = (1,) * 24
NIGHT = (30, 40, 40, 30, 14, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 8, 14, 22)


class HourClock:
    """Draws moments of a UTC day by the weights of the local hours."""

    def __init__(self, weights):
        self.cumulative = []
        total = 0
        for weight in weights:
            total += weight
            self.cumulative.append(total)

    def draw(self, rng, midnight):
        hour = bisect.bisect_right(self.cumulative, rng.random() * self.cumulative[-1])
        local_offset = HOUR if midnight >= SUMMER_TIME_FROM else 0
        moment = hour * HOUR + int(rng.random() * HOUR) - local_offset
        return midnight + moment % DAY


CLOCKS = {
    "office": HourClock(OFFICE),
    "remote": HourClock(REMOTE),
    "lab": HourClock(LAB_NIGHT),
    "flat": HourClock(FLAT),
    "night": HourClock(NIGHT),
}


def local(moment):
    """The UK clock at a UTC moment, as if it were UTC."""
    return moment + HOUR if moment >= SUMMER_TIME_FROM else moment


def staff_clock(midnight):
    """Tuesdays and Thursdays are lab nights."""
    return CLOCKS["lab" if weekday(midnight) in (1, 3) else "office"]


def iso_ms(moment):
    p = parts(moment)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ" % (p.tm_year, p.tm_mon, p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec,
                                                    moment % SECOND // 1000)


def apache(moment):
    p = parts(moment)
    return "%02d/%s/%04d:%02d:%02d:%02d +0000" % (p.tm_mday, MONTHS[p.tm_mon - 1], p.tm_year, p.tm_hour, p.tm_min, p.tm_sec)


def syslog(moment):
    p = parts(moment)
    return "%s %2d %02d:%02d:%02d" % (MONTHS[p.tm_mon - 1], p.tm_mday, p.tm_hour, p.tm_min, p.tm_sec)


def rfc5322(moment, local=True):
    offset = HOUR if local and moment >= SUMMER_TIME_FROM else 0
    p = parts(moment + offset)
    return "%s, %d %s %04d %02d:%02d:%02d %s" % (WEEKDAYS[weekday(moment + offset)], p.tm_mday, MONTHS[p.tm_mon - 1], p.tm_year,
                                                 p.tm_hour, p.tm_min, p.tm_sec, "+0100" if offset else "+0000")


def zeek(moment):
    return "%d.%06d" % (moment // SECOND, moment % SECOND)


def share_out(total, weights):
    """Splits total over the weights so that the parts are whole and sum to it exactly (largest remainder)."""
    whole = sum(weights)
    exact = [total * w / whole for w in weights]
    parts_ = [int(e) for e in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts_[i] - exact[i], i))
    for i in order[: total - sum(parts_)]:
        parts_[i] += 1
    return parts_
