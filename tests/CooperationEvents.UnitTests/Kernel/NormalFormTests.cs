using CooperationEvents.Kernel;
using CsCheck;

namespace CooperationEvents.UnitTests.Kernel;

public sealed class NormalFormTests
{
    /// <summary>Letters of several scripts, marks, blanks, joiners, selectors, tags and everything else that shows nothing.</summary>
    private static readonly string[] Pieces =
    [
        "a",
        "e",
        "1",
        "#",
        "É",
        "e\u0301",
        "u\u0308",
        "\u0301",
        "ß",
        "Ω",
        "Ж",
        "ẹ",
        "ｐ",
        "ﬁ",
        "م",
        "ی",
        "क",
        "्",
        "葛",
        "각",
        "ᄀ",
        "ᅡ",
        "👩",
        "👧",
        "❤",
        "🏴",
        "©",
        " ",
        "\u00a0",
        "\u3000",
        "\t",
        "\n",
        "\u2028",
        "\u2800",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u200e",
        "\u202e",
        "\u2066",
        "\u2069",
        "\u00ad",
        "\u034f",
        "\u061c",
        "\u115f",
        "\u1160",
        "\u180b",
        "\u180e",
        "\u2060",
        "\u3164",
        "\ufe0f",
        "\ufeff",
        "\uffa0",
        "\ufffb",
        "\u20e3",
        "\U000E0067",
        "\U000E007F",
        "\U000E0100",
        "\U0001F3FD",
    ];

    private static readonly string[] Unseen =
    [
        " ",
        "\u00a0",
        "\u3000",
        "\n",
        "\t",
        "\u200b",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u202e",
        "\u200e",
        "\u3164",
        "\u034f",
        "\u2800",
    ];

    private static readonly Dictionary<string, string> Decomposed = new()
    {
        ["é"] = "e\u0301",
        ["ü"] = "u\u0308",
        ["ẹ\u0300"] = "e\u0323\u0300",
        ["한"] = "\u1112\u1161\u11ab",
        [""] = "",
    };

    private static readonly Gen<string> AnyText = Gen.OneOf(Pieces).Array[0, 12].Select(string.Concat);

    [Theory]
    [InlineData("Ada\u00a0Example")]
    [InlineData("Ada\u2009Example")]
    [InlineData("Ada  Example")]
    [InlineData(" Ada \u3000 Example\u00a0")]
    [InlineData("Ada\tExample")]
    public void Blanks_of_any_width_and_number_are_one_in_what_is_looked_for_in_a_file(string text) =>
        NormalForm.OfName(text).ShouldBe("Ada Example");

    [Theory]
    [InlineData("p1 ", "p1")]
    [InlineData("p1\n", "p1")]
    [InlineData("\u00a0p1\u3000", "p1")]
    [InlineData("p1\u200b", "p1")]
    [InlineData("p\u200b1", "p1")]
    [InlineData("\ufeffp1", "p1")]
    [InlineData("p\u00ad1", "p1")]
    [InlineData("p\u202e1\u202c", "p1")]
    [InlineData("p1\u2800", "p1")]
    [InlineData("p1\u200d", "p1")]
    [InlineData("p\u200d1", "p1")]
    [InlineData("p\u200c1", "p1")]
    [InlineData("p1\ufe0f", "p1")]
    [InlineData("p1\U000E0067\U000E007F", "p1")]
    [InlineData("p\u034f1", "p1")]
    [InlineData("\u3164p1\uffa0", "p1")]
    [InlineData("mu\u0308ller", "m\u00fcller")]
    [InlineData("mu\u034f\u0308ller", "m\u00fcller")]
    [InlineData("\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    public void Two_spellings_that_look_alike_are_one(string sent, string normal)
    {
        NormalForm.OfLine(sent).ShouldBe(normal);
        ExternalReference.Sent("s", sent).ShouldBe(new ExternalReference("s", normal));
    }

    /// <summary>Cases of Unicode's own NormalizationTest.txt: what is written, and its form C.</summary>
    [Theory]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")]
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")]
    [InlineData("\u1E14\u0304", "\u1E14\u0304")]
    [InlineData("a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\uFB1D", "\u05D9\u05B4")]
    [InlineData("\u2126", "\u03A9")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u1100\uAC00\u11A8", "\u1100\uAC01")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\u0B47\u0300\u0B3E", "\u0B47\u0300\u0B3E")]
    [InlineData("\u1100\u0300\u1161\u0300", "\u1100\u0300\u1161\u0300")]
    [InlineData("\u03B1\u0345\u0301", "\u1FB4")]
    public void Texts_are_composed_as_unicode_says(string sent, string normal) => NormalForm.Of(sent).ShouldBe(normal);

    [Theory]
    [InlineData("می\u200cخواهم")]
    [InlineData("क्\u200dष")]
    [InlineData("👩\u200d👧")]
    [InlineData("👩🏽\u200d🚀")]
    [InlineData("❤\ufe0f\u200d🔥")]
    [InlineData("1\ufe0f\u20e3")]
    [InlineData("🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F")]
    [InlineData("葛\U000E0100飾")]
    [InlineData("©\ufe0f")]
    [InlineData("ｐ１")]
    [InlineData("ﬁne")]
    [InlineData("x\u0331 y")]
    [InlineData("Ana  Example")]
    public void What_changes_how_a_word_is_seen_stays(string text)
    {
        NormalForm.OfLine(text).ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\u200b")]
    [InlineData("\u202e")]
    [InlineData("\ufeff")]
    [InlineData("\u3164")]
    [InlineData("\u2800")]
    [InlineData("\u00ad")]
    [InlineData("\u200d\u200c\u2060\u180e\u115f\u1160\uffa0")]
    [InlineData("\ufe0f\U000E0001\U000E0067\U000E01EF")]
    [InlineData(" \u200b \u3000\u2028\u0085\t")]
    public void What_shows_nothing_is_blank(string text) => NormalForm.Of(text).ShouldBeEmpty();

    [Fact]
    public void A_line_has_no_breaks_and_a_longer_text_keeps_them()
    {
        NormalForm.OfLine(" Flood forecasts,\r\n\tsecond meeting\n").ShouldBe("Flood forecasts, second meeting");
        NormalForm.Of(" He left early.\n\nHe said so. ").ShouldBe("He left early.\n\nHe said so.");
    }

    [Fact]
    public void Normalising_twice_is_normalising_once() =>
        AnyText.Sample(text =>
        {
            var (once, line) = (NormalForm.Of(text), NormalForm.OfLine(text));
            NormalForm.Of(once).ShouldBe(once);
            NormalForm.OfLine(line).ShouldBe(line);
            NormalForm.OfLine(once).ShouldBe(line);
        });

    [Fact]
    public void A_text_of_ascii_has_the_words_that_it_has_beside_others() =>
        Gen.Char[' ', '~']
            .Array[0, 12]
            .Select(characters => new string(characters))
            .Sample(text =>
            {
                string[] own = text.Any(char.IsAsciiLetterOrDigit) ? [.. NormalForm.Words(text)] : [];

                NormalForm.Words($"{text} é").ShouldBe([.. own, "e"]);
                NormalForm.EarlierWords($"{text} é").ShouldBe([.. own, "e"]);
                NormalForm.EarlierWords(text).ShouldBe(NormalForm.Words(text));
            });

    [Fact]
    public void Any_two_spellings_of_one_reference_are_one_reference() =>
        Gen.Select(
                Gen.Char.AlphaNumeric.Array[1, 8].Select(c => new string(c)),
                Gen.OneOf([.. Decomposed.Keys]),
                Gen.OneOf(Unseen),
                Gen.OneOf(Unseen),
                Gen.OneOf("\u200b", "\u2060", "\u00ad", "\u200e")
            )
            .Sample(
                (word, accented, before, after, inside) =>
                {
                    var plain = ExternalReference.Sent("crm", word + accented);
                    var other = ExternalReference.Sent(
                        before + "crm" + after,
                        before + word[..1] + inside + word[1..] + Decomposed[accented] + after
                    );

                    other.ShouldBe(plain);
                    other.GetHashCode().ShouldBe(plain.GetHashCode());
                    (other.System, other.Id).ShouldBe((plain.System, plain.Id));
                }
            );

    [Fact]
    public void Capitals_make_no_difference_to_what_a_text_is_and_begins_with() =>
        Gen.Select(AnyText, AnyText)
            .Sample(
                (beginning, rest) =>
                {
                    foreach (var text in new[] { beginning, beginning.ToUpperInvariant(), beginning.ToLowerInvariant() })
                    {
                        NormalForm.WithoutCapitals(text).ShouldBe(NormalForm.WithoutCapitals(beginning));
                        NormalForm.After(beginning, $"{text}|{rest}").ShouldBe($"|{rest}");
                        NormalForm.After($"{beginning}|", text).ShouldBeNull();
                    }
                }
            );
}
