using System.Globalization;
using CooperationEvents.Kernel;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999")]
    [InlineData("2016-12-31t23:59:60.5z", "2016-12-31T23:59:59.999999")]
    [InlineData("2017-01-01T00:59:60+01:00", "2016-12-31T23:59:59.999999")]
    [InlineData("2016-12-31T23:59:59.1234567Z", "2016-12-31T23:59:59.1234567")]
    [InlineData("2016-12-31", "2016-12-31T00:00:00")]
    public void A_time_is_read_and_a_leap_second_is_the_end_of_the_one_before(string text, string utc) =>
        TimeText.Read(text).Time!.Value.UtcDateTime.ShouldBe(DateTime.Parse(utc, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("2016-12-31T12:30:60Z")]
    [InlineData("2016-12-31T23:59:61Z")]
    [InlineData("2016-12-31T23:59:60")]
    [InlineData("2017-01-01T00:59:60Z")]
    public void Elsewhere_a_minute_has_no_more_than_59_seconds(string text) => TimeText.Read(text).Fault.ShouldNotBeNull();
}
