using System.Text.Json;
using CooperationEvents.Kernel;
using CsCheck;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class ValueListTests
{
    private sealed record Holder(string Name, ValueList<int> Items);

    [Fact]
    public void Lists_with_equal_items_are_equal() =>
        Gen.Int.List.Sample(items =>
        {
            ValueList<int> one = [.. items];
            var other = items.ToValueList();
            return one == other && one.Equals((object)other) && one.GetHashCode() == other.GetHashCode() && !(one != other);
        });

    [Fact]
    public void Order_length_and_items_tell_lists_apart()
    {
        ValueList<int> list = [1, 2];
        (list == [2, 1]).ShouldBeFalse();
        (list == [1]).ShouldBeFalse();
        (list == [1, 2, 3]).ShouldBeFalse();
        (list == [1, 3]).ShouldBeFalse();
        (list == null).ShouldBeFalse();
        list.Equals("1, 2").ShouldBeFalse();
    }

    [Fact]
    public void Two_lists_that_are_not_there_are_equal() => ((ValueList<int>?)null == null).ShouldBeTrue();

    [Fact]
    public void Records_that_hold_lists_compare_by_value()
    {
        new Holder("a", [1, 2]).ShouldBe(new Holder("a", [1, 2]));
        new Holder("a", [1, 2]).ShouldNotBe(new Holder("a", [1]));
    }

    [Fact]
    public void A_list_does_not_change_with_what_it_was_made_from()
    {
        int[] items = [1, 2];
        var list = items.ToValueList();
        items[0] = 9;
        list[0].ShouldBe(1);
        list.Count.ShouldBe(2);
    }

    [Fact]
    public void A_list_is_an_array_in_json() =>
        Gen.Int.List.Sample(items =>
        {
            var list = items.ToValueList();
            var json = JsonSerializer.Serialize(list, Json.Options);
            return json == $"[{string.Join(",", items)}]" && JsonSerializer.Deserialize<ValueList<int>>(json, Json.Options) == list;
        });

    [Theory]
    [InlineData("1")]
    [InlineData("\"1\"")]
    [InlineData("{}")]
    [InlineData("[\"1\"]")]
    public void What_is_no_array_is_no_list(string json) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<ValueList<int>>(json, Json.Options));
}
