using CooperationEvents.Webhooks;

namespace CooperationEvents.UnitTests.Webhooks;

public sealed class WebhookUrlTests
{
    [Theory]
    [InlineData("https://example.org/hook")]
    [InlineData("https://example.org:8443/hook?of=register")]
    [InlineData("https://1.1.1.1/hook")]
    [InlineData("https://[2606:4700:4700::1111]/hook")]
    [InlineData("https://localhost/hook")]
    public void An_https_url_is_taken_and_its_name_looked_at_when_it_is_called(string url) =>
        WebhookUrl.Fault(url, allowPrivate: false).ShouldBeNull();

    [Theory]
    [InlineData("http://example.org/hook")]
    [InlineData("https://user@example.org/hook")]
    [InlineData("https://user:password@example.org/hook")]
    [InlineData("https://example.org/hook#part")]
    [InlineData("https://127.0.0.1/hook")]
    [InlineData("https://127.1/hook")]
    [InlineData("https://0x7f000001/hook")]
    [InlineData("https://2130706433/hook")]
    [InlineData("https://10.0.0.1:8443/hook")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://[fe80::1]/hook")]
    [InlineData("https://[::ffff:127.0.0.1]/hook")]
    [InlineData("ftp://example.org/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//example.org/hook")]
    [InlineData("example.org")]
    public void Anything_else_is_refused(string url) => WebhookUrl.Fault(url, allowPrivate: false).ShouldNotBeNull();

    [Theory]
    [InlineData("http://127.0.0.1:9000/hook", true)]
    [InlineData("https://192.168.1.1/hook", true)]
    [InlineData("http://user@127.0.0.1/hook", false)]
    [InlineData("ftp://127.0.0.1/hook", false)]
    public void Where_private_addresses_are_allowed_they_may_be_called_without_tls(string url, bool taken) =>
        (WebhookUrl.Fault(url, allowPrivate: true) is null).ShouldBe(taken);
}
