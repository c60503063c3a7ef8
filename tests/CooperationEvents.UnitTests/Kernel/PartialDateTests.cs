using System.Text.Json;
using CooperationEvents.Kernel;
using CsCheck;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class PartialDateTests
{
    private static readonly Gen<PartialDate> AnyDate = Gen.DateTime[
            new DateTime(1000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified),
            new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Unspecified)
        ]
        .Select(Gen.OneOf("yyyy", "yyyy-MM", "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"))
        .Select((moment, format) => PartialDate.Parse(moment.ToString(format, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("2021", DatePrecision.Year, "2021-01-01", "2021-12-31")]
    [InlineData("2012-07", DatePrecision.Month, "2012-07-01", "2012-07-31")]
    [InlineData("2024-02", DatePrecision.Month, "2024-02-01", "2024-02-29")]
    [InlineData("2023-02", DatePrecision.Month, "2023-02-01", "2023-02-28")]
    [InlineData("1900-02", DatePrecision.Month, "1900-02-01", "1900-02-28")]
    [InlineData("2000-02", DatePrecision.Month, "2000-02-01", "2000-02-29")]
    [InlineData("2018-04-04", DatePrecision.Day, "2018-04-04", "2018-04-04")]
    [InlineData("2024-02-29", DatePrecision.Day, "2024-02-29", "2024-02-29")]
    [InlineData("2018-04-04T09:30", DatePrecision.Time, "2018-04-04", "2018-04-04")]
    [InlineData("2018-04-04T23:59:59", DatePrecision.Time, "2018-04-04", "2018-04-04")]
    [InlineData("1000", DatePrecision.Year, "1000-01-01", "1000-12-31")]
    [InlineData("9999", DatePrecision.Year, "9999-01-01", "9999-12-31")]
    public void A_date_is_as_fine_as_it_is_written(string text, DatePrecision precision, string firstDay, string lastDay)
    {
        var date = PartialDate.Parse(text);

        date.Precision.ShouldBe(precision);
        date.FirstDay.ShouldBe(Some.Day(firstDay));
        date.LastDay.ShouldBe(Some.Day(lastDay));
        date.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0999")]
    [InlineData("0000")]
    [InlineData("21")]
    [InlineData("10000")]
    [InlineData("202a")]
    [InlineData(" 202")]
    [InlineData("+202")]
    [InlineData("٢٠٢١")]
    [InlineData("2012-00")]
    [InlineData("2012-13")]
    [InlineData("2012-7")]
    [InlineData("2012/07")]
    [InlineData("2023-02-29")]
    [InlineData("1900-02-29")]
    [InlineData("2018-04-31")]
    [InlineData("2018-04-4")]
    [InlineData("2018-04-00")]
    [InlineData("2018-4-04T09:30")]
    [InlineData("2018-04-04T24:00")]
    [InlineData("2018-04-04T09:60")]
    [InlineData("2018-04-04T09:30:60")]
    [InlineData("2018-04-04 09:30")]
    [InlineData("2018-04-04t09:30")]
    [InlineData("2018-04-04T09:30Z")]
    [InlineData("2018-04-04T09:30:00Z")]
    [InlineData("2018-04-04T09:30+02:00")]
    [InlineData("2018-04-04T09:30:00.000")]
    [InlineData("2018-W14")]
    public void What_is_no_local_date_is_refused(string? text)
    {
        PartialDate.TryParse(text, out _).ShouldBeFalse();
        if (text is not null)
            Should.Throw<FormatException>(() => PartialDate.Parse(text));
    }

    [Fact]
    public void A_time_to_the_minute_and_with_no_seconds_is_one_date()
    {
        PartialDate.Parse("2018-04-04T09:30:00").ShouldBe(PartialDate.Parse("2018-04-04T09:30"));
        PartialDate.Parse("2018-04-04T09:30:00").ToString().ShouldBe("2018-04-04T09:30");
        PartialDate.Parse("2018-04-04T09:30").Time.ShouldBe(new TimeOnly(9, 30));
        PartialDate.Parse("2018-04-04").Time.ShouldBeNull();
    }

    [Fact]
    public void A_year_is_not_the_day_it_stands_for()
    {
        PartialDate.Parse("2021").ShouldNotBe(PartialDate.Parse("2021-12"));
        PartialDate.Parse("2021").ShouldNotBe(PartialDate.Parse("2021-12-31"));
        PartialDate.Parse("2021-12-31").ShouldNotBe(PartialDate.Parse("2021-12-31T00:00"));
    }

    [Fact]
    public void A_day_is_a_date() => PartialDate.Of(new DateOnly(2018, 4, 4)).ShouldBe(PartialDate.Parse("2018-04-04"));

    [Theory]
    [InlineData("2011-12-31", "2012-01-01")]
    [InlineData("2018-04-04T09:30", "2018-04-04T09:31")]
    [InlineData("2018-04-04T09:30", "2018-04-04")]
    [InlineData("2018-04-29", "2018-04")]
    [InlineData("2018-04", "2018")]
    [InlineData("2018", "2019-01-01T00:00")]
    public void A_partial_date_follows_what_lies_inside_it(string earlier, string later)
    {
        (PartialDate.Parse(earlier) < PartialDate.Parse(later)).ShouldBeTrue();
        (PartialDate.Parse(earlier) <= PartialDate.Parse(later)).ShouldBeTrue();
        (PartialDate.Parse(later) > PartialDate.Parse(earlier)).ShouldBeTrue();
        (PartialDate.Parse(later) >= PartialDate.Parse(earlier)).ShouldBeTrue();
        (PartialDate.Parse(earlier) >= PartialDate.Parse(later)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2018", "2018-12")]
    [InlineData("2018", "2018-12-31")]
    [InlineData("2024-02", "2024-02-29")]
    public void A_partial_date_stands_for_its_last_day(string partial, string day)
    {
        PartialDate.Parse(partial).CompareTo(PartialDate.Parse(day)).ShouldBe(0);
        (PartialDate.Parse(partial) <= PartialDate.Parse(day)).ShouldBeTrue();
        (PartialDate.Parse(partial) >= PartialDate.Parse(day)).ShouldBeTrue();
    }

    [Fact]
    public void The_order_is_total() =>
        Gen.Select(AnyDate, AnyDate, AnyDate)
            .Sample(
                (a, b, c) =>
                    Math.Sign(a.CompareTo(b)) == -Math.Sign(b.CompareTo(a))
                    && (a.CompareTo(b) > 0 || b.CompareTo(c) > 0 || a.CompareTo(c) <= 0)
                    && a.FirstDay <= a.LastDay
            );

    [Fact]
    public void Its_text_is_its_identity_in_json() =>
        AnyDate.Sample(date =>
            JsonSerializer.Serialize(date, Json.Options) == $"\"{date}\""
            && JsonSerializer.Deserialize<PartialDate>($"\"{date}\"", Json.Options) == date
        );

    [Theory]
    [InlineData("2021")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\"2018-04-04T09:30Z\"")]
    public void What_is_no_date_is_no_json_for_one(string json) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<PartialDate>(json, Json.Options));

    [Theory]
    [InlineData("2025-12-31T20:00", "2026-01-01T00:00", "2025-12-31")]
    [InlineData("2024-12-31T17:00", "2025-01-01T00:00:00", "2024-12-31")]
    [InlineData("2025-12-31", "2026-01-01T00:00", "2025-12-31")]
    [InlineData("2025", "2026-01-01T00:00", "2025-12-31")]
    [InlineData("2025-12-30T00:00", "2026-01-01T00:00", "2025-12-31")]
    [InlineData("2026-01-01T00:00", "2026-01-01T00:00", "2026-01-01")]
    [InlineData("2026-01-01", "2026-01-01T00:00", "2026-01-01")]
    [InlineData("2025-12-31T20:00", "2026-01-01T00:00:01", "2026-01-01")]
    [InlineData("2025-12-31T20:00", "2026-01-01T00:01", "2026-01-01")]
    [InlineData("2025-12-31", "2026-01-01", "2026-01-01")]
    [InlineData("2025-12", "2026-01", "2026-01-31")]
    public void An_end_at_midnight_belongs_to_the_day_before(string start, string end, string lastDay) =>
        PartialDate
            .Parse(end)
            .LastDayFrom(PartialDate.Parse(start))
            .ShouldBe(DateOnly.Parse(lastDay, System.Globalization.CultureInfo.InvariantCulture));
}
