using System.Text;
using CooperationEvents.Privacy;

namespace CooperationEvents.UnitTests.Privacy;

public sealed class MasterKeyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("c2hvcnQ=")]
    public void Anything_but_32_bytes_is_refused_and_not_repeated(string text)
    {
        var refused = Should.Throw<InvalidOperationException>(() => MasterKey.FromBase64(text));
        refused.Message.ShouldContain("Privacy:MasterKey");
        if (text.Length > 0)
            refused.Message.ShouldNotContain(text);
    }

    [Fact]
    public void More_than_32_bytes_are_refused() =>
        Should.Throw<InvalidOperationException>(() => MasterKey.FromBase64(Convert.ToBase64String(new byte[33])));

    [Fact]
    public void A_file_is_made_once_for_its_owner_alone()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            MasterKey.FromFile(path);
            var made = File.ReadAllText(path);
            MasterKey.FromFile(path);

            File.ReadAllText(path).ShouldBe(made);
            Convert.FromBase64String(made.Trim()).Length.ShouldBe(32);
            if (!OperatingSystem.IsWindows())
                File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_key_does_not_print_itself() =>
        MasterKey.FromBase64(Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('k', 32)))).ToString()!.ShouldNotContain("kkk");
}
