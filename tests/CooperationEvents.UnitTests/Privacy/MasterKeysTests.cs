using System.Security.Cryptography;
using System.Text;
using CooperationEvents.Privacy;

namespace CooperationEvents.UnitTests.Privacy;

public sealed class MasterKeysTests
{
    private static readonly string One = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('k', 32)));
    private static readonly string Two = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('l', 32)));

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("not base64")]
    [InlineData("c2hvcnQ=")]
    [InlineData("0:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")]
    [InlineData("first:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")]
    [InlineData("1:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=,1:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")]
    public void What_is_no_key_is_refused_and_not_repeated(string text)
    {
        var refused = Should.Throw<KeysRefusedException>(() => MasterKeys.Parse(text, "Privacy:MasterKey"));
        refused.Message.ShouldContain("Privacy:MasterKey");
        if (text.Trim().Length > 0)
            refused.Message.ShouldNotContain(text);
    }

    [Fact]
    public void More_than_32_bytes_are_refused() =>
        Should.Throw<KeysRefusedException>(() => MasterKeys.Parse(Convert.ToBase64String(new byte[33]), "here"));

    [Fact]
    public void One_key_alone_is_the_first_generation() => MasterKeys.Parse(One + "\n", "here").Generations.ShouldBe([1]);

    [Theory]
    [InlineData(",")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Several_generations_open_what_each_wrapped_and_nothing_else(string parting)
    {
        var keys = MasterKeys.Parse($"2:{Two}{parting}1:{One}", "here");

        keys.Generations.ShouldBe([1, 2]);
        keys.Newest.ShouldBe(2);
        var wrapped = keys.Wrap(new byte[32], "name", 1);
        keys.Unwrap(wrapped, "name", 1).ShouldBe(new byte[32]);
        Should.Throw<CryptographicException>(() => keys.Unwrap(wrapped, "name", 2));
        Should.Throw<CryptographicException>(() => keys.Unwrap(wrapped, "name", 3));
        Should.Throw<CryptographicException>(() => keys.Unwrap(wrapped, "another", 1));
    }

    [Fact]
    public void A_file_is_made_for_its_owner_alone_and_never_made_anew()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            MasterKeys.MakeFile(path);
            MasterKeys.FromFile(path).Generations.ShouldBe([1]);
            Should.Throw<IOException>(() => MasterKeys.MakeFile(path));
            if (!OperatingSystem.IsWindows())
                File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_said_to_be_missing() =>
        Should.Throw<KeysRefusedException>(() => MasterKeys.FromFile("/nowhere/master.key")).Message.ShouldContain("/nowhere/master.key");

    [Fact]
    public void A_command_gives_the_key_by_its_output() =>
        MasterKeys.FromCommand($"echo 1:{One}; echo 3:{Two}").Generations.ShouldBe([1, 3]);

    [Fact]
    public void A_command_that_fails_is_refused_with_what_it_says()
    {
        Should
            .Throw<KeysRefusedException>(() => MasterKeys.FromCommand("echo no such key >&2; exit 7"))
            .Message.ShouldBe("Privacy:MasterKeyCommand ended with 7: no such key");
        Should.Throw<KeysRefusedException>(() => MasterKeys.FromCommand("echo")).Message.ShouldContain("MasterKeyCommand");
    }

    [Fact]
    public void A_key_does_not_print_itself() => MasterKeys.Parse(One, "here").ToString()!.ShouldNotContain("kkk");
}
