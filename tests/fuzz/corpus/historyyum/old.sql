DROP TABLE pkg_yumdb; DELETE FROM trans_end WHERE tid=4; DELETE FROM trans_cmdline;
